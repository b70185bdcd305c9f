import { keyOf, mix } from "./guid.ts";
import type { People } from "./people.ts";

/** A saved recipient query. Its members are a function of its number and the day, found without looking at everybody. */
export interface MessagingJob {
  readonly number: number;
  readonly key: string;
  name: string;
  size: number;
  /** Whom the query finds no more, by index. */
  readonly without?: Set<number>;
}

const demoJobs: readonly (readonly [string, number])[] = [
  ["All members", 0.1],
  ["Annual Conference 2026 – Registrants", 0.012],
  ["Annual Conference 2026 – Speakers & Chairs", 0.00018],
  ["Board of Directors", 0.000017],
  ["Certification renewals, next 90 days", 0.0034],
  ["Committee volunteers", 0.0021],
  ["Fellows", 0.0048],
  ["Lapsed members, win back", 0.0091],
  ["New members this quarter", 0.0011],
  ['Newsletter "Advances"', 0.031],
  ["Past presidents", 0.00002],
  ["Students", 0.015],
  ["Test list (empty)", 0],
];

/** The demo's jobs: the first has a tenth of everybody, or all of them where they are few. */
export function defaultJobs(people: People): MessagingJob[] {
  const base = people.count >= 1_000_000 ? people.count : people.count * 10;
  return demoJobs.map(([name, share], number) =>
    newJob(people, number, name, Math.min(people.count, Math.ceil(base * share))),
  );
}

export function newJob(people: People, number: number, name: string, size: number): MessagingJob {
  // More slots than people would hold somebody twice.
  return {
    number,
    key: keyOf(number, people.seed ^ 0x5eed),
    name,
    size: Math.min(size, people.count),
    without: new Set(),
  };
}

/** One slot in 333 gets somebody else each day. */
const daysOfASlot = 333;

function generation(people: People, job: MessagingJob, slot: number): number {
  return Math.floor((people.day + (mix(slot * 31 + job.number * 7919) % daysOfASlot)) / daysOfASlot);
}

/**
 * Who stands in a slot: the job takes one person of every `count / size`, another one when the slot's generation
 * changes; where it takes nearly everybody, a slot stands empty in every other generation. -1 for nobody.
 */
function personIn(people: People, job: MessagingJob, slot: number): number {
  const stride = people.count / job.size;
  const start = Math.floor(slot * stride);
  const width = Math.floor((slot + 1) * stride) - start;
  const turn = generation(people, job, slot);
  if (width < 2) return turn % 2 === 1 && mix(slot + turn) % 2 === 1 ? -1 : start;
  return start + (mix(slot * 17 + job.number + turn * 101) % width);
}

const isFound = (people: People, job: MessagingJob, index: number) =>
  !people.gone?.has(index) && !job.without?.has(index);

/** Calls back for each member from an index on, in key order, until the callback says stop by returning false. */
export function eachMember(
  people: People,
  job: MessagingJob,
  fromIndex: number,
  visit: (index: number) => boolean,
): void {
  if (job.size <= 0) return;
  const stride = people.count / job.size;
  for (let slot = Math.max(0, Math.floor(fromIndex / stride) - 1); slot < job.size; slot += 1) {
    const index = personIn(people, job, slot);
    if (index >= fromIndex && isFound(people, job, index) && !visit(index)) return;
  }
}

/** How many rows an answer from there on would have, at most `limit`: the count stands before the rows. */
export function countMembers(people: People, job: MessagingJob, fromIndex: number, limit: number): number {
  let count = 0;
  eachMember(people, job, fromIndex, () => {
    count += 1;
    return count < limit;
  });
  return count;
}
