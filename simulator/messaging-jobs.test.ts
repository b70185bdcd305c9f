import fc from "fast-check";
import { expect, test } from "vitest";
import { countMembers, defaultJobs, eachMember, type MessagingJob, newJob } from "./messaging-jobs.ts";
import type { People } from "./people.ts";

const peopleOf = (count: number, day = 0): People => ({ count, seed: 1, day, changed: new Map() });

function membersOf(people: People, job: MessagingJob, from = 0, limit = Number.POSITIVE_INFINITY): number[] {
  const members: number[] = [];
  eachMember(people, job, from, (index) => {
    members.push(index);
    return members.length < limit;
  });
  return members;
}

const anyJob = fc.record({ count: fc.integer({ min: 1, max: 2000 }), size: fc.nat(2500), day: fc.nat(800) });

test("a job holds nobody twice, and nobody outside the member file, on any day", () => {
  fc.assert(
    fc.property(anyJob, fc.nat(20), ({ count, size, day }, number) => {
      const people = peopleOf(count, day);
      const members = membersOf(people, newJob(people, number, "Any", size));
      expect(new Set(members).size).toBe(members.length);
      expect(members.every((index) => index >= 0 && index < count)).toBe(true);
      expect(members).toEqual([...members].sort((left, right) => left - right));
    }),
  );
});

test("a job has its size on the first day", () => {
  for (const size of [0, 1, 2, 17, 500, 999, 1000]) {
    const people = peopleOf(1000);
    expect(membersOf(people, newJob(people, 3, "Any", size))).toHaveLength(size);
  }
});

test("a read that goes on anywhere finds the rest, and no more than its limit", () => {
  fc.assert(
    fc.property(anyJob, fc.nat(2100), fc.integer({ min: 1, max: 300 }), ({ count, size, day }, from, limit) => {
      const people = peopleOf(count, day);
      const job = newJob(people, 1, "Any", size);
      const rest = membersOf(people, job)
        .filter((index) => index >= from)
        .slice(0, limit);
      expect(membersOf(people, job, from, limit)).toEqual(rest);
      expect(countMembers(people, job, from, limit)).toBe(rest.length);
    }),
  );
});

test("the demo has a job of 100,000 people, a dozen smaller ones and an empty one", () => {
  for (const count of [100_000, 1_000_000]) {
    const sizes = defaultJobs(peopleOf(count)).map((job) => job.size);
    expect(Math.max(...sizes)).toBe(100_000);
    expect(sizes.filter((size) => size > 0 && size < 100_000).length).toBeGreaterThanOrEqual(11);
    expect(sizes).toContain(0);
  }
});
