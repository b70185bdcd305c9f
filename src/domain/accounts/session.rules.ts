import type { UserSession } from "./user.ts";

/** Without use a session ends after 12 hours, with use after 7 days. (reliability 1.3, 3) */
const idleHours = 12;
const mostHours = 7 * 24;
/** Between the password and the second factor. */
const secondFactorMinutes = 10;

/** Whether a session still holds. Bounds are exclusive: at 12 hours it has ended. */
export function isSessionAlive(
  session: Pick<UserSession, "state" | "createdAt" | "usedAt">,
  now: Temporal.Instant,
): boolean {
  const isBefore = (end: Temporal.Instant) => Temporal.Instant.compare(now, end) < 0;
  if (session.state === "second_factor") return isBefore(session.createdAt.add({ minutes: secondFactorMinutes }));
  return isBefore(session.usedAt.add({ hours: idleHours })) && isBefore(session.createdAt.add({ hours: mostHours }));
}
