/** What can be made to go wrong; each for a number of calls, or for ever. `unordered` is a site that ignores `szOrderBy`. */
export type FaultKind =
  | "truncate"
  | "reset"
  | "drip"
  | "black_hole"
  | "stall"
  | "status"
  | "html"
  | "json"
  | "empty"
  | "content_type"
  | "record_return"
  | "expired_token"
  | "token_missing"
  | "token_unchanged"
  | "token_malformed"
  | "missing_column"
  | "duplicate_row"
  | "broken_order"
  | "unordered"
  | "bad_key"
  | "dtd"
  | "namespace"
  | "soap12"
  | "fault_with_200"
  | "fault"
  | "credentials"
  | "redirect"
  | "latency"
  | "bad_utf8"
  | "giant_text"
  | "deep"
  | "control_character"
  | "repeated_element";

export interface Fault {
  readonly kind: FaultKind;
  /** Only calls of this operation. */
  readonly operation?: string;
  /** So many calls; for ever when left out. */
  times?: number;
  /** Strikes so many of a hundred matching calls, at random but the same in every run. */
  readonly percent?: number;
  /** Lets so many matching calls pass first. */
  skip?: number;
  readonly afterBytes?: number;
  /** `status`: which; `record_return`: added to the true count, or no count when left out; `latency`: milliseconds; `drip`: bytes a second. */
  readonly value?: number;
  readonly retryAfter?: number;
  /** `missing_column`: which; `redirect`: where to; `content_type`: which; `fault`, `fault_with_200`: the message. */
  readonly text?: string;
}

export class Faults {
  list: Fault[] = [];
  #chance = 1;

  /** Every fault that strikes this call, counted down. */
  strike(operation: string): readonly Fault[] {
    return this.list.filter((fault) => {
      if (fault.operation !== undefined && fault.operation !== operation) return false;
      if (fault.skip !== undefined && fault.skip > 0) {
        fault.skip -= 1;
        return false;
      }
      if (fault.percent !== undefined && this.#next() * 100 >= fault.percent) return false;
      if (fault.times === undefined) return true;
      fault.times -= 1;
      return fault.times >= 0;
    });
  }

  /** From 0 up to 1: the minimal standard generator. */
  #next(): number {
    this.#chance = (this.#chance * 48271) % 2147483647;
    return this.#chance / 2147483647;
  }
}

export function findFault(faults: readonly Fault[], kind: FaultKind): Fault | undefined {
  return faults.find((fault) => fault.kind === kind);
}
