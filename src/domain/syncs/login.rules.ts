const leastMinutes = 30;

/** Whether a sign-in asks for a list sync: 30 minutes or more since the last successful one, or none yet. (product 1.3) */
export function isListSyncDue(listSyncedAt: Temporal.Instant | null, now: Temporal.Instant): boolean {
  return listSyncedAt === null || Temporal.Instant.compare(listSyncedAt.add({ minutes: leastMinutes }), now) <= 0;
}
