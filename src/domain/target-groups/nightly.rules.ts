/** What the nightly rule asks about a group. */
export interface GroupUse {
  readonly createdAt: Temporal.Instant;
  /** Last instance published to it, as audience or as exclusion; null if never. */
  readonly usedAt: Temporal.Instant | null;
  /** The same for any compound that the group is part of, at any depth. */
  readonly usedInCompoundAt: Temporal.Instant | null;
}

export interface NightlyVerdict {
  readonly isTaken: boolean;
  readonly reason: string;
}

const daysNew = 7;
const daysUsed = 90;

/** Why the Nightly Sync takes this group, or null when it won't. Bounds are inclusive. (product 1.3, nightly) */
export function nightlyReason(use: GroupUse, now: Temporal.ZonedDateTime): string | null {
  if (isWithin(use.createdAt, daysNew, now)) return "created in the past 7 days";
  if (use.usedAt && isWithin(use.usedAt, daysUsed, now)) return "used in a mailing in the past 90 days";
  if (use.usedInCompoundAt && isWithin(use.usedInCompoundAt, daysUsed, now)) {
    return "part of a compound group used in the past 90 days";
  }
  return null;
}

/** The whole verdict, with what stands in the way of a group that would be eligible. */
export function nightlyVerdict(
  use: GroupUse,
  group: { readonly missingSince: Temporal.Instant | null; readonly isHeld: boolean },
  now: Temporal.ZonedDateTime,
  amsName: string,
): NightlyVerdict {
  const reason = nightlyReason(use, now);
  if (reason === null) {
    return {
      isTaken: false,
      reason:
        "not created in the past 7 days, nor used in a mailing, alone or in a compound group, in the past 90 days",
    };
  }
  if (group.missingSince) return { isTaken: false, reason: `${reason}, but missing in ${amsName}` };
  if (group.isHeld) return { isTaken: false, reason: `${reason}, but its last sync is held and waits for a decision` };
  return { isTaken: true, reason };
}

/**
 * The latest instant at or before `now` at which the Nightly Sync was due: the hour of the account's own clock, once
 * every local day. In the night that skips the hour it is the first instant after the gap; in the night that has the
 * hour twice, the first of the two. (product 1.3; reliability P16)
 */
export function lastNightlyDue(now: Temporal.ZonedDateTime, hour: number): Temporal.ZonedDateTime {
  const today = dueOn(now.toPlainDate(), hour, now.timeZoneId);
  if (Temporal.ZonedDateTime.compare(today, now) <= 0) return today;
  return dueOn(now.toPlainDate().subtract({ days: 1 }), hour, now.timeZoneId);
}

/** The first due instant after `now`. */
export function nextNightlyDue(now: Temporal.ZonedDateTime, hour: number): Temporal.ZonedDateTime {
  const today = dueOn(now.toPlainDate(), hour, now.timeZoneId);
  if (Temporal.ZonedDateTime.compare(today, now) > 0) return today;
  return dueOn(now.toPlainDate().add({ days: 1 }), hour, now.timeZoneId);
}

function dueOn(date: Temporal.PlainDate, hour: number, timeZone: string): Temporal.ZonedDateTime {
  return date.toPlainDateTime({ hour }).toZonedDateTime(timeZone, { disambiguation: "compatible" });
}

/** Days are counted on the account's clock, so that a change of clocks makes no day too long or too short. */
function isWithin(at: Temporal.Instant, days: number, now: Temporal.ZonedDateTime): boolean {
  return Temporal.Instant.compare(at, now.subtract({ days }).toInstant()) >= 0;
}
