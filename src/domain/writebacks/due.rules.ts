/** What is new goes to the AMS every so many minutes, at :00, :10, :20 of every hour. (product 5.1) */
const tickMinutes = 10;
/** Refused so often, it has failed: the first try and two automatic ones. (product 5.2) */
const mostTries = 3;
/** After a try without an answer: 15 s, 30 s, 1 min, … up to a tick's length. */
const firstPauseSeconds = 15;

/** The tick at or after an instant: when a decision of then is sent. */
export function tickAfter(at: Temporal.Instant): Temporal.Instant {
  const length = tickMinutes * 60_000;
  return Temporal.Instant.fromEpochMilliseconds(Math.ceil(at.epochMilliseconds / length) * length);
}

/**
 * When a refused writeback is tried again, or null when it has failed: after the first refusal at the next tick but at
 * least 10 minutes later, after the second 30. A mistake in the AMS's data needs a person's time to be mended.
 * @param tries refusals with this one
 */
export function retryAfterRefusal(tries: number, now: Temporal.Instant): Temporal.Instant | null {
  if (tries >= mostTries) return null;
  return tickAfter(now.add({ minutes: tries === 1 ? 10 : 30 }));
}

/**
 * When one is tried again that got no answer: soon, since the network breaks for moments; later and later while it goes
 * on. It counts as no try: what the AMS never said is no reason to fail.
 * @param unanswered tries in a row without an answer, with this one
 */
export function retryAfterSilence(unanswered: number, now: Temporal.Instant): Temporal.Instant {
  return now.add({ seconds: Math.min(firstPauseSeconds * 2 ** (unanswered - 1), tickMinutes * 60) });
}
