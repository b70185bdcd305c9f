import {
  AmsError,
  type CheckReport,
  type DoNotEmailChange,
  type FieldName,
  type IndividualPage,
  type MessagingJobQuery,
  type OptOutCategory,
  type PersonalizationField,
  type QueryKey,
  type ReadOptions,
  type Session,
} from "../connector.ts";
import type { Element } from "./answer-reader.ts";
import { type CallOptions, Calls, drain, type ReadAnswer, type Request, readInline } from "./calls.ts";
import { checkSite } from "./check-site.ts";
import { incomplete } from "./failures.ts";
import { toFlag, toPage } from "./individuals.ts";
import { KeyOrder } from "./key-order.ts";
import { toField, toQuery } from "./lists.ts";
import { isPaged, type Mapping, zeroGuid } from "./mapping.ts";
import { readOptOutCategories } from "./opt-out-categories.ts";
import { RowParser } from "./row-parser.ts";
import { type Operations, readOperations } from "./wsdl.ts";

export interface SessionOptions extends CallOptions {
  readonly mapping: Mapping;
}

/** What the contract asks of an AMS, in xWeb's operations as the bridge's mapping has them. */
export class NetforumSession implements Session {
  readonly #options: SessionOptions;
  readonly #parser = new RowParser();
  readonly #calls: Calls;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#calls = new Calls(options);
  }

  check(signal: AbortSignal): Promise<CheckReport> {
    return checkSite(this, this.#options.mapping, signal);
  }

  async listMessagingJobQueries(signal: AbortSignal): Promise<readonly MessagingJobQuery[]> {
    const { queries } = this.#options.mapping;
    const columns = [queries.key, queries.name];
    const found: MessagingJobQuery[] = [];
    const order = new KeyOrder(zeroGuid);
    for (let last = zeroGuid; ; ) {
      const request = { ...queries, values: { columns: columns.join(","), last }, columns };
      const rows = await this.#calls.retried(signal, async () => {
        const read: string[][] = [];
        for await (const batch of this.#calls.call(request, signal, this.#readInline)) read.push(...batch);
        return read;
      });
      const page = rows.map(([key = "", name = ""]) => toQuery(key, name));
      found.push(...page.map(({ query }) => query));
      const end = page.at(-1)?.cursor;
      if (end === undefined || !isPaged(queries.parameters)) return found;
      if (end === last) throw incomplete("the list of messaging job queries doesn't move on", end);
      for (const { query } of page) order.take(query.key);
      last = end;
    }
  }

  async listPersonalizationFields(signal: AbortSignal): Promise<readonly PersonalizationField[]> {
    const { fields } = this.#options.mapping;
    return this.#calls.retried(signal, async () => {
      const found = new Map<string, PersonalizationField>();
      const onElement = (element: Element) => {
        const field = toField(element);
        if (field && !found.has(field.name)) found.set(field.name, field);
      };
      const request = { ...fields, values: {}, columns: [] };
      await drain(this.#calls.call(request, signal, readInline(this.#options.bounds, onElement)));
      if (found.size === 0) throw incomplete("the list of personalization fields is empty", fields.operation);
      return [...found.values()];
    });
  }

  listOptOutCategories(signal: AbortSignal): Promise<readonly OptOutCategory[] | null> {
    const { mapping, bounds } = this.#options;
    return readOptOutCategories(this.#calls, mapping.optOutCategories, bounds, signal);
  }

  async *readIndividuals(
    query: QueryKey,
    fields: readonly FieldName[],
    options: ReadOptions,
  ): AsyncGenerator<IndividualPage> {
    const { individuals } = this.#options.mapping;
    const columns = [individuals.key, individuals.email, individuals.doNotEmail, ...fields];
    const isPagedRead = isPaged(individuals.parameters);
    let last = options.after ?? zeroGuid;
    const order = new KeyOrder(last);
    for (let failures = 0; ; ) {
      const before = last;
      let rows = 0;
      try {
        const request = { ...individuals, values: { columns: columns.join(","), job: query, last }, columns };
        for await (const batch of this.#calls.call(request, options.signal, this.#readRows)) {
          const page = toPage(batch, last);
          if (rows === 0 && page.individuals[0]?.remoteId === before)
            throw incomplete("a page begins with the row that the page before ended with", before);
          if (isPagedRead) for (const { remoteId } of page.individuals) order.take(remoteId);
          rows += batch.length;
          last = page.cursor;
          failures = 0;
          yield isPagedRead ? page : { ...page, cursor: "" };
        }
      } catch (error) {
        // What was handed out stays good: the read goes on behind it.
        if (!isPagedRead && rows > 0) failures = Number.POSITIVE_INFINITY;
        failures += 1;
        await this.#calls.pauseOrThrow(error, failures, options.signal);
        continue;
      }
      if (rows === 0 || !isPagedRead) return;
      if (last === before) throw incomplete("the rows' order is broken: a page ends where it began", last);
    }
  }

  async readDoNotEmail(remoteId: string, signal: AbortSignal): Promise<boolean | undefined> {
    const { readDoNotEmail } = this.#options.mapping;
    if (!readDoNotEmail) return undefined;
    const columns = [readDoNotEmail.doNotEmail];
    const [row] = await this.#rowsOf({ ...readDoNotEmail, values: { key: remoteId }, columns }, signal);
    return toFlag(row?.[0] ?? "unknown");
  }

  async setDoNotEmail(change: DoNotEmailChange, signal: AbortSignal): Promise<void> {
    const { setDoNotEmail } = this.#options.mapping;
    await this.#rowsOf({ ...setDoNotEmail, values: activityValues(change), columns: [] }, signal);
  }

  async recordDoNotEmail(change: DoNotEmailChange, isUnsure: boolean, signal: AbortSignal): Promise<void> {
    const { recordActivity, findActivity } = this.#options.mapping;
    if (!recordActivity || (isUnsure && !findActivity)) return;
    const values = activityValues(change);
    try {
      if (isUnsure && findActivity) {
        const found = await this.#rowsOf({ ...findActivity, values, columns: [findActivity.text] }, signal);
        if (found.some(([text = ""]) => isSameLine(text, values.reason))) return;
      }
      await this.#rowsOf({ ...recordActivity, values, columns: [] }, signal);
    } catch (error) {
      // The flag is set, which is what counts; not every site lets its history be written, or has an operation for it.
      if (!(error instanceof AmsError) || (error.kind !== "refused" && error.kind !== "mapping")) throw error;
    }
  }

  /** One call, tried once. @returns its rows */
  async #rowsOf(request: Request, signal: AbortSignal): Promise<readonly string[][]> {
    return this.#calls.onceOnly(async () => {
      const rows: string[][] = [];
      for await (const batch of this.#calls.call(request, signal, this.#readInline)) rows.push(...batch);
      return rows;
    });
  }

  /** What the site's OnDemand service offers, by its WSDL. */
  describe(signal: AbortSignal): Promise<Operations> {
    return this.#calls.retried(signal, async () => {
      const { chunks } = await this.#options.http.send(
        new URL("netFORUMXMLONDemand.asmx?WSDL", this.#options.base),
        {},
        signal,
      );
      return readOperations(chunks, this.#options.bounds);
    });
  }

  /** Signs in anew. @throws AmsError of kind `credentials`, which is final */
  signOn(signal: AbortSignal): Promise<void> {
    return this.#calls.retried(signal, () => this.#calls.signOn(signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parser[Symbol.asyncDispose]();
    await this.#options.http.close();
  }

  readonly #readRows: ReadAnswer = (chunks, expected) => this.#parser.read(chunks, expected, this.#options.bounds);

  readonly #readInline: ReadAnswer = (chunks, expected) => readInline(this.#options.bounds)(chunks, expected);
}

/** Whether a line of the history is ours: a site may have cut it. */
function isSameLine(found: string, ours: string): boolean {
  return found.trim() !== "" && ours.trim().startsWith(found.trim());
}

/** What stands for a change in the templates of the mapping. */
function activityValues({ remoteId, doNotEmail, at, reason }: DoNotEmailChange) {
  return {
    key: remoteId,
    flag: doNotEmail ? "1" : "0",
    date: usDate(at),
    reason: reason ?? (doNotEmail ? "Unsubscribed" : "Resubscribed"),
  };
}

/** As netFORUM Pro writes times: `5/22/2014 3:09:00 PM`; here in UTC. */
function usDate(at: Temporal.Instant): string {
  const { month, day, year, hour, minute, second } = at.toZonedDateTimeISO("UTC");
  const two = (number: number) => String(number).padStart(2, "0");
  return `${month}/${day}/${year} ${hour % 12 || 12}:${two(minute)}:${two(second)} ${hour < 12 ? "AM" : "PM"}`;
}
