/** When a read is held instead of applied; each may be set per bridge and per group. (product 1.5) */
export interface Guard {
  /** Hold if more than this share of the members would go, in percent. */
  readonly percent: number;
  /** … but only in groups of at least so many members. */
  readonly minimum: number;
  /** Hold if more than so many would go, whatever the share; null switches it off. */
  readonly absolute: number | null;
}

/** The group's own settings where it has them, else the bridge's. */
export function guardOf(
  bridge: { readonly guardPercent: number; readonly guardMinimum: number; readonly guardAbsolute: number | null },
  group: {
    readonly guardPercent: number | null;
    readonly guardMinimum: number | null;
    readonly guardAbsolute: number | null;
  },
): Guard {
  return {
    percent: group.guardPercent ?? bridge.guardPercent,
    minimum: group.guardMinimum ?? bridge.guardMinimum,
    absolute: group.guardAbsolute ?? bridge.guardAbsolute,
  };
}

/**
 * Why the read must be held, in words for the page, or null when it may be applied.
 * @param difference members before, how many of them would go, and how many the group would have after
 */
export function heldReason(
  difference: { readonly before: number; readonly removed: number; readonly after: number },
  guard: Guard,
): string | null {
  const { before, removed, after } = difference;
  const count = (people: number) => people.toLocaleString("en");
  const all = count(before);
  if (before > 0 && after === 0) return `the read found nobody, and would remove all ${all} members`;
  if (before >= guard.minimum && removed * 100 > before * guard.percent) {
    return `the read would remove ${count(removed)} of ${all} members, more than ${guard.percent}%`;
  }
  if (guard.absolute !== null && removed > guard.absolute) {
    return `the read would remove ${count(removed)} of ${all} members, more than ${count(guard.absolute)}`;
  }
  return null;
}
