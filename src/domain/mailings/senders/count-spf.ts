import type { Clock } from "../../../platform/clock.ts";
import type { Dns } from "../../../platform/dns.ts";
import { isSpf, mostLookups, readSpf, type SpfLookup } from "./spf.rules.ts";

/** What receivers have to look up for an SPF record, with all that it includes. */
export interface SpfCost {
  /** Not counted any further once they are too many. */
  readonly lookups: number;
  /** Names that have nothing of what is asked for. */
  readonly voids: readonly string[];
  /** What spoils the whole record, in words that follow a name at once. */
  readonly broken: { readonly name: string; readonly words: string } | null;
  /** A name server that says nothing of this name: how it ends can't be known. */
  readonly failed: { readonly name: string; readonly reason: string } | null;
}

/** With all that hangs or answers late. */
const mostMs = 10_000;
/** An `mx` with more servers is an error of its own. (RFC 7208 4.6.4) */
const mostExchangers = 10;

/**
 * Looks up what receivers look up, level by level: of one level all at once, and never more than receivers do, so that
 * records that include each other end like any other that are too long. (RFC 7208 4.6.4)
 */
export async function countSpf(
  { dns, clock }: { readonly dns: Dns; readonly clock: Clock },
  domain: string,
  text: string,
): Promise<SpfCost> {
  const until = clock.monotonicMs() + mostMs;
  const top = readSpf(text, domain);
  let cost: SpfCost = { lookups: 0, voids: [], broken: unreadable(domain, top.unreadable), failed: null };
  let level = top.lookups;
  while (level.length > 0 && cost.broken === null && cost.failed === null) {
    cost = { ...cost, lookups: cost.lookups + level.length };
    if (cost.lookups > mostLookups) return cost;
    if (clock.monotonicMs() > until)
      return { ...cost, failed: { name: level[0]?.name ?? domain, reason: "answers too slowly" } };
    const found = await Promise.all(level.map((lookup) => lookUp(dns, lookup)));
    const first = <Key extends "broken" | "failed">(key: Key) => found.find((one) => one[key])?.[key] ?? null;
    const voids = [...cost.voids, ...found.flatMap((one) => one.void ?? [])];
    cost = { ...cost, voids, broken: first("broken"), failed: first("failed") };
    level = found.flatMap((one) => one.next ?? []);
  }
  return cost;
}

interface Found {
  readonly next?: readonly SpfLookup[];
  readonly void?: string;
  readonly broken?: SpfCost["broken"];
  readonly failed?: SpfCost["failed"];
}

async function lookUp(dns: Dns, { kind, name }: SpfLookup): Promise<Found> {
  if (name === null) return {};
  if (kind === "include" || kind === "redirect") return lookIn(dns, name);
  const answer = kind === "mx" ? await dns.mx(name) : await dns.address(name);
  if (answer.state === "failed") return { failed: { name, reason: answer.reason } };
  if (answer.state === "none") return { void: name };
  if (kind !== "mx" || answer.records.length <= mostExchangers) return {};
  return {
    broken: { name, words: ` has more than ${mostExchangers} mail servers, of which receivers look up no more` },
  };
}

async function lookIn(dns: Dns, name: string): Promise<Found> {
  const answer = await dns.txt(name);
  if (answer.state === "failed") return { failed: { name, reason: answer.reason } };
  const records = answer.state === "found" ? answer.records.filter(isSpf) : [];
  const [text, another] = records;
  if (text === undefined) return { broken: { name, words: ", which the record leads to, has no SPF record" } };
  if (another !== undefined) return { broken: { name, words: ", which the record leads to, has several SPF records" } };
  const { lookups, unreadable: term } = readSpf(text, name);
  return { next: lookups, broken: unreadable(name, term) };
}

const unreadable = (name: string, term: string | null): SpfCost["broken"] =>
  term === null ? null : { name, words: ` has a term in its SPF record that nobody can read: ${term}` };
