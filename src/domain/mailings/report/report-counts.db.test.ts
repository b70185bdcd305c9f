import fc from "fast-check";
import { expect, test } from "vitest";
import { type Answering, answer, type Visit } from "../../../../test/harness/answers.ts";
import { createInstance } from "../../../../test/harness/mailing.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { addressKey } from "../../subscribers/address.rules.ts";
import type { OpenTracking } from "../instance.ts";
import { findReport, findReportPart } from "./find-report.ts";
import { listAnswering } from "./list-answers.ts";

const states = [
  "waiting",
  "claimed",
  "handing_over",
  "sent",
  "sent",
  "sent",
  "deferred",
  "bounced",
  "refused",
  "unsure",
  "cancelled",
];
const people = 60;

const answering = (place: number): fc.Arbitrary<Answering> =>
  fc
    .record({
      place: fc.constant(place),
      state: fc.constantFrom(...states),
      bounceKind: fc.constantFrom("hard", "soft", "policy", "content", null),
      opened: fc.boolean(),
      clicked: fc.boolean(),
      unsubscribed: fc.boolean(),
      complained: fc.boolean(),
    })
    .map((one) => (one.state === "bounced" ? one : { ...one, bounceKind: null }));
const visit: fc.Arbitrary<Visit> = fc
  .record({
    place: fc.option(fc.integer({ min: 1, max: people })),
    kind: fc.constantFrom("open" as const, "click" as const),
    link: fc.integer({ min: 0, max: 1 }),
    isAutomatic: fc.boolean(),
    minute: fc.integer({ min: 0, max: 5000 }),
  })
  .map((one) => ({
    ...one,
    link: one.kind === "click" ? one.link : null,
    place: one.kind === "click" ? (one.place ?? 1) : one.place,
  }));
const answersOf = fc.record({
  all: fc.tuple(...Array.from({ length: people }, (_, at) => answering(at + 1))),
  visits: fc.array(visit, { maxLength: 120 }),
  tracking: fc.constantFrom<OpenTracking>("off", "aggregate", "person"),
});

const countOf = <T>(list: readonly T[], is: (one: T) => boolean) => list.filter(is).length;

/** The numbers, counted one by one. */
function bruteForce(all: readonly Answering[], tracking: OpenTracking) {
  return {
    recipients: all.length,
    delivered: countOf(all, ({ state }) => state === "sent"),
    bounced: countOf(all, ({ state }) => state === "bounced"),
    opened: tracking === "person" ? countOf(all, ({ opened }) => opened) : null,
    clicked: countOf(all, ({ clicked }) => clicked),
    unsubscribed: countOf(all, ({ unsubscribed }) => unsubscribed),
    complained: countOf(all, ({ complained }) => complained),
  };
}

test("4.6 every number of a report is what counting one by one gives, whatever happened", {
  timeout: 60_000,
}, async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  await fc.assert(
    fc.asyncProperty(answersOf, async ({ all, visits, tracking }) => {
      const { id, recipients } = await createInstance(own.ctx, { to: people, openTracking: tracking });
      await answer(own.ctx, id, all, visits);
      const { counts: totals } = await findReport(own.ctx, id);
      const is = (kind: string, isAutomatic: boolean) => (one: Visit) =>
        one.kind === kind && one.isAutomatic === isAutomatic;
      const bouncedBy = (kind: string | null) =>
        countOf(all, (one) => one.state === "bounced" && one.bounceKind === kind);
      expect(totals).toEqual({
        ...bruteForce(all, tracking),
        waiting: countOf(all, ({ state }) => ["waiting", "claimed", "handing_over", "deferred"].includes(state)),
        bouncedBy: {
          hard: bouncedBy("hard"),
          soft: bouncedBy("soft"),
          policy: bouncedBy("policy"),
          content: bouncedBy("content"),
          unknown: bouncedBy(null),
        },
        refused: countOf(all, ({ state }) => state === "refused"),
        unsure: countOf(all, ({ state }) => state === "unsure"),
        cancelled: countOf(all, ({ state }) => state === "cancelled"),
        opens: tracking === "off" ? null : countOf(visits, is("open", false)),
        clicks: countOf(visits, is("click", false)),
        automatic: { opens: countOf(visits, is("open", true)), clicks: countOf(visits, is("click", true)) },
      });
      const { waiting, delivered, bounced, refused, unsure, cancelled } = totals;
      expect(waiting + delivered + bounced + refused + unsure + cancelled).toBe(totals.recipients);
      const { counts: links } = await findReportPart(own.ctx, id, "links");
      for (const link of links) {
        const clicks = visits.filter((one) => one.kind === "click" && one.link === link.place);
        expect(link).toMatchObject({
          clicks: countOf(clicks, ({ isAutomatic }) => !isAutomatic),
          people: new Set(clicks.filter(({ isAutomatic }) => !isAutomatic).map(({ place }) => place)).size,
          automatic: countOf(clicks, ({ isAutomatic }) => isAutomatic),
        });
      }
      const { counts: domains } = await findReportPart(own.ctx, id, "domains");
      const domainOf = new Map(recipients.map(({ place, email }) => [place, addressKey(email)?.split("@").at(-1)]));
      for (const { domain, ...numbers } of domains)
        if (domain !== null)
          expect(numbers).toEqual(
            bruteForce(
              all.filter(({ place }) => domainOf.get(place) === domain),
              tracking,
            ),
          );
      expect(domains.reduce((sum, one) => sum + one.recipients, 0)).toBe(people);
      const { counts: days } = await findReportPart(own.ctx, id, "days");
      expect(days.reduce((sum, one) => sum + one.clicks, 0)).toBe(totals.clicks);
      for (const [filter, is] of [
        ["clicked", (one: Answering) => one.clicked],
        ["opened", (one: Answering) => one.opened && tracking === "person"],
        ["complained", (one: Answering) => one.complained],
        ["bounced", (one: Answering) => one.state === "bounced"],
      ] as const) {
        const found = await listAnswering(own.ctx, id, { answer: filter, limit: 200 });
        expect(found.map(({ place }) => place)).toEqual(all.filter(is).map(({ place }) => place));
        if (tracking !== "person") expect(found.every(({ openedAt }) => openedAt === null)).toBe(true);
      }
    }),
    { numRuns: 12, endOnFailure: true },
  );
  await own.workAll();
});
