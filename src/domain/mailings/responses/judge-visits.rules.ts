import type { InstanceId } from "../mailing.ts";
import type { RecipientRef } from "../recipient.ts";
import type { Activity, Evidence, VisitedRecipient } from "./activity-store.ts";
import { clicksOfBursts, isBeforeReading, isMachineRequest, type RequestSigns } from "./machine-signs.rules.ts";

/** Somebody, or something, followed a link or fetched the pixel. */
export interface Visit extends RequestSigns {
  readonly ref: RecipientRef;
  readonly kind: "open" | "click";
  readonly link: number | null;
  readonly at: Temporal.Instant;
  /** The account counts opens without saying whose. (product 4.5) */
  readonly isAnonymous: boolean;
}

export interface Judged {
  readonly activities: readonly Activity[];
  /** Earlier clicks that turn out to be a program's. */
  readonly turned: readonly number[];
  readonly evidence: readonly Evidence[];
}

/** What a set of visits comes to: lines to add, with what a program did marked as such. */
export function judgeVisits(visits: readonly Visit[], recipients: readonly VisitedRecipient[]): Judged {
  const known = new Map(recipients.map((recipient) => [keyOf(recipient), recipient]));
  const byRecipient = Map.groupBy(visits, ({ ref }) => keyOf(ref));
  const judged = [...byRecipient].map(([key, own]) => judgeOne(own, known.get(key)));
  return {
    activities: judged.flatMap(({ activities }) => activities),
    turned: judged.flatMap(({ turned }) => turned),
    evidence: judged.flatMap(({ evidence }) => evidence),
  };
}

const keyOf = ({ instance, place }: { readonly instance: InstanceId; readonly place: number }) =>
  `${instance} ${place}`;

function judgeOne(visits: readonly Visit[], recipient: VisitedRecipient | undefined): Judged {
  const clicks = visits.flatMap((visit) => (visit.link === null ? [] : [{ link: visit.link, at: visit.at, visit }]));
  const bursts = clicksOfBursts<(typeof clicks)[number] | VisitedRecipient["clicks"][number]>([
    ...(recipient?.clicks ?? []),
    ...clicks,
  ]);
  const ofBursts = new Set(clicks.filter((click) => bursts.has(click)).map(({ visit }) => visit));
  const activities = visits.map((visit): Activity => {
    const isEarly = recipient !== undefined && isBeforeReading(visit.at, recipient);
    return {
      instance: visit.ref.instance,
      place: recipient === undefined || visit.isAnonymous ? null : visit.ref.place,
      kind: visit.kind,
      at: visit.at,
      link: visit.link,
      isAutomatic: isMachineRequest(visit) || isEarly || ofBursts.has(visit),
      detail: null,
    };
  });
  const named = activities.filter(({ place }) => place !== null);
  const firstOf = (kind: "open" | "click") =>
    named.find((activity) => activity.kind === kind && !activity.isAutomatic)?.at ?? null;
  return {
    activities,
    turned: (recipient?.clicks ?? []).filter((click) => bursts.has(click)).map(({ id }) => id),
    evidence:
      recipient && named.length > 0
        ? [
            {
              instance: recipient.instance,
              place: recipient.place,
              openedAt: firstOf("open"),
              clickedAt: firstOf("click"),
            },
          ]
        : [],
  };
}
