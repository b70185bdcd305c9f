import { expect, test } from "vitest";
import { lastNightlyDue, nextNightlyDue, nightlyReason, nightlyVerdict } from "./nightly.rules.ts";

const now = Temporal.ZonedDateTime.from("2026-11-23T03:00:00+01:00[Europe/Berlin]");
const ago = (days: number, extra: Temporal.DurationLike = { nanoseconds: 0 }) =>
  now.subtract({ days }).subtract(extra).toInstant();
const never = { createdAt: ago(1000), usedAt: null, usedInCompoundAt: null };

test("1.3 nightly takes a group created exactly 7 days ago, and not one a moment older", () => {
  expect(nightlyReason({ ...never, createdAt: ago(7) }, now)).toBe("created in the past 7 days");
  expect(nightlyReason({ ...never, createdAt: ago(7, { nanoseconds: 1 }) }, now)).toBeNull();
});

test("1.3 nightly takes a group used exactly 90 days ago, and not one a moment earlier", () => {
  expect(nightlyReason({ ...never, usedAt: ago(90) }, now)).toBe("used in a mailing in the past 90 days");
  expect(nightlyReason({ ...never, usedAt: ago(90, { milliseconds: 1 }) }, now)).toBeNull();
});

test("1.3 nightly takes a part of a compound used exactly 90 days ago, and not a moment earlier", () => {
  const reason = "part of a compound group used in the past 90 days";
  expect(nightlyReason({ ...never, usedInCompoundAt: ago(90) }, now)).toBe(reason);
  expect(nightlyReason({ ...never, usedInCompoundAt: ago(90, { seconds: 1 }) }, now)).toBeNull();
});

test("1.3 nightly leaves a group that is missing in the AMS or held, and says so", () => {
  const fresh = { ...never, createdAt: ago(1) };
  expect(nightlyVerdict(fresh, { missingSince: ago(1), isHeld: false }, now, "netFORUM Pro").reason).toContain(
    "missing in netFORUM Pro",
  );
  expect(nightlyVerdict(fresh, { missingSince: null, isHeld: true }, now, "netFORUM Pro").isTaken).toBe(false);
  expect(nightlyVerdict(fresh, { missingSince: null, isHeld: false }, now, "netFORUM Pro").isTaken).toBe(true);
});

test("1.3 nightly is due at the account's hour: at the instant itself, not before", () => {
  expect(lastNightlyDue(now, 3).toString()).toBe(now.toString());
  expect(
    lastNightlyDue(now.subtract({ nanoseconds: 1 }), 3)
      .toPlainDate()
      .toString(),
  ).toBe("2026-11-22");
  expect(nextNightlyDue(now, 3).toPlainDate().toString()).toBe("2026-11-24");
});

test("1.3 nightly comes once in the night that skips its hour and once in the night that has it twice", () => {
  const skipped = Temporal.ZonedDateTime.from("2026-03-29T12:00[Europe/Berlin]");
  expect(lastNightlyDue(skipped, 2).toString()).toBe("2026-03-29T03:00:00+02:00[Europe/Berlin]");
  const twice = Temporal.ZonedDateTime.from("2026-10-25T12:00[Europe/Berlin]");
  expect(lastNightlyDue(twice, 2).toString()).toBe("2026-10-25T02:00:00+02:00[Europe/Berlin]");
});

test("1.3 nightly is due exactly once on every local day of every zone, 2025 to 2035", () => {
  const zones = Intl.supportedValuesOf("timeZone");
  for (const [index, zone] of zones.entries()) {
    const hour = index % 24;
    let at = Temporal.ZonedDateTime.from(`2025-01-01T12:00[${zone}]`);
    for (
      let change = at.getTimeZoneTransition("next");
      change && change.year < 2036;
      change = at.getTimeZoneTransition("next")
    ) {
      for (const offset of [-1, 0, 1]) {
        const noon = change.toPlainDate().add({ days: offset }).toZonedDateTime({ timeZone: zone, plainTime: "12:00" });
        const due = lastNightlyDue(noon, Math.min(hour, 11));
        if (due.toPlainDate().equals(noon.toPlainDate())) continue;
        // A zone may leave a whole day out (a move over the date line); then there is no such morning.
        expect(`${zone} ${due} for ${noon}`).toContain("no such morning");
      }
      at = change;
    }
  }
});
