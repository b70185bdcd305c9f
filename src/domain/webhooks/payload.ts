import { eventVersion } from "../notices/event.rules.ts";

/** The body of a call: the same for every webhook and at every try. */
export function payloadOf(
  accountId: string,
  event: { readonly eventId: string; readonly type: string; readonly at: Temporal.Instant; readonly data: unknown },
): string {
  const { eventId: id, type, at, data } = event;
  return JSON.stringify({ id, type, version: eventVersion, timestamp: at.toString(), accountId, data });
}
