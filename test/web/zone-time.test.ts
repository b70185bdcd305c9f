import { expect, test } from "vitest";
import { readZoneTime } from "../../web/ui/zone-time.ts";

/** What the language's own calendar says of a time by a zone's clock. */
function truth(local: string, timeZone: string) {
  const time = Temporal.PlainDateTime.from(local);
  const [first, second] = (["earlier", "later"] as const).map((disambiguation) =>
    time.toZonedDateTime(timeZone, { disambiguation }),
  );
  if (!first || !second) throw new Error("two were asked for");
  const at = (zoned: Temporal.ZonedDateTime) => new Date(zoned.epochMilliseconds).toISOString();
  if (first.epochMilliseconds === second.epochMilliseconds) return { kind: "once", at: at(first) };
  if (!first.toPlainDateTime().equals(time)) return { kind: "never", next: at(second) };
  return { kind: "twice", first: at(first), second: at(second) };
}

test("4.2 a time by the account's clock is read as the calendar has it, in every zone, at each change of clocks from 2025 to 2035", () => {
  let changes = 0;
  for (const timeZone of Intl.supportedValuesOf("timeZone")) {
    let change = Temporal.Instant.from("2025-01-01T00:00:00Z")
      .toZonedDateTimeISO(timeZone)
      .getTimeZoneTransition("next");
    while (change && change.year < 2036) {
      changes += 1;
      for (const minutes of [-61, -31, -1, 0, 1, 29, 59, 60, 61]) {
        const local = change.toPlainDateTime().add({ minutes }).toString({ smallestUnit: "minute" });
        expect(readZoneTime(local, timeZone), `${local} ${timeZone}`).toEqual(truth(local, timeZone));
      }
      change = change.getTimeZoneTransition("next");
    }
  }
  expect(changes).toBeGreaterThan(2000);
});

test("4.2 a time that is put forward over doesn't exist, one that is put back over is two, and nonsense is none", () => {
  expect(readZoneTime("2026-03-29T02:30", "Europe/Berlin")).toEqual({
    kind: "never",
    next: "2026-03-29T01:30:00.000Z",
  });
  expect(readZoneTime("2026-10-25 02:30:00", "Europe/Berlin")).toEqual({
    kind: "twice",
    first: "2026-10-25T00:30:00.000Z",
    second: "2026-10-25T01:30:00.000Z",
  });
  expect(readZoneTime("2026-06-01T09:00", "America/New_York")).toEqual({
    kind: "once",
    at: "2026-06-01T13:00:00.000Z",
  });
  for (const nonsense of ["", "tomorrow", "2026-13-01T00:00"]) expect(readZoneTime(nonsense, "UTC")).toBeNull();
});
