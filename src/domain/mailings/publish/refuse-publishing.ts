import { ConflictError, InvalidInputError } from "../../../platform/errors.ts";
import type { Check, Mailing } from "../mailing.ts";
import { refuseArchived } from "../refuse-archived.ts";

/** @throws ConflictError for what is never published, or was edited since the publisher saw it */
export function refuseUnpublishable(mailing: Mailing, version: number): void {
  if (mailing.isTemplate)
    throw new ConflictError("is_template", "A template isn't published.", "Make a mailing of it, and publish that.");
  refuseArchived(mailing);
  if (mailing.version !== version) {
    throw new ConflictError(
      "edited_meanwhile",
      "Somebody changed this mailing after you looked at it.",
      "Look at it again, then publish.",
    );
  }
}

const yearsAhead = 1;

/** @throws InvalidInputError for a time that has passed, or is too far ahead */
export function refusePast(dueAt: Temporal.Instant | undefined, now: Temporal.Instant): void {
  if (dueAt === undefined) return;
  if (Temporal.Instant.compare(dueAt, now) < 0)
    throw new InvalidInputError([{ path: "dueAt", message: "has passed; leave it out to publish now" }]);
  const latest = now.toZonedDateTimeISO("UTC").add({ years: yearsAhead }).toInstant();
  if (Temporal.Instant.compare(dueAt, latest) > 0)
    throw new InvalidInputError([{ path: "dueAt", message: "is more than a year ahead" }]);
}

/** @throws ConflictError when a check blocks */
export function refuseUnready(checks: readonly Check[]): void {
  const blocking = checks.filter(({ severity }) => severity === "blocks");
  const [first] = blocking;
  if (!first) return;
  throw new ConflictError(
    "not_ready",
    blocking.map(({ message }) => message).join(" "),
    blocking.length === 1 ? first.wayOut : "Mend what the mailing's checks show.",
  );
}
