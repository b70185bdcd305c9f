import { unreachable } from "../../platform/errors.ts";
import type { EventData, NoticeType } from "./event.rules.ts";

/** One line of a mail to a user. */
export interface Notice {
  readonly type: NoticeType;
  readonly text: string;
  /** Where it is looked at: a path of the pages. */
  readonly path: string;
  /** How many it stands for: people, or one. */
  readonly count: number;
}

type Happened = { [Type in NoticeType]: readonly [type: Type, data: EventData[Type]] }[NoticeType];

/** An event as a line that a user reads. */
export function noticeOf(...[type, data]: Happened): Notice {
  const one = (text: string, path: string): Notice => ({ type, text, path, count: 1 });
  switch (type) {
    case "sync.succeeded":
      return one(`${syncName(data)}: +${data.added} −${data.removed} ~${data.updated}`, `/syncs/${data.syncId}`);
    case "sync.held":
    case "sync.failed":
      return one(`${syncName(data)}: ${data.reason}`, `/syncs/${data.syncId}`);
    case "bridge.credentials_refused":
      return one(data.reason, "/admin/bridge");
    case "mailing.sent":
      return one(`${data.name}: to ${wholeNumber(data.recipients)} people`, `/instances/${data.instanceId}/report`);
    case "mailing.on_hold":
      return one(`${data.name}: ${data.reason}`, `/instances/${data.instanceId}`);
    case "subscribers.unsubscribed":
      return ofPeople(type, data.subscribers, originWords[data.origin]);
    case "subscribers.bad_email":
      return ofPeople(type, data.subscribers, "mail came back for good");
    case "writeback.failed":
      return one(`${data.type.replace("_", " ")} of ${data.remoteId}: ${data.reason}`, "/admin/bridge");
    case "webhook.switched_off":
      return one(`${data.url}: ${data.reason}`, `/admin/webhooks/${data.webhookId}`);
    default:
      return unreachable(type);
  }
}

const originWords = {
  person: "by themselves",
  administrator: "by an administrator",
  complaint: "by calling a mailing spam",
} as const;

function ofPeople(type: NoticeType, subscribers: readonly { readonly id: number }[], text: string): Notice {
  const [only, another] = subscribers;
  const path = only && !another ? `/subscribers/${only.id}` : "/subscribers";
  return { type, text, path, count: subscribers.length };
}

function syncName({ kind, groupName }: EventData["sync.succeeded"]): string {
  return kind === "list" ? "List of target groups" : (groupName ?? "a target group");
}

/** What a number of notices of one type is called: "3 syncs failed". */
export function headingOf(type: NoticeType, count: number): string {
  const n = wholeNumber(count);
  const s = count === 1 ? "" : "s";
  switch (type) {
    case "sync.succeeded":
      return `${n} sync${s} done`;
    case "sync.held":
      return `${n} sync${s} held: an administrator applies or discards ${count === 1 ? "it" : "them"}`;
    case "sync.failed":
      return `${n} sync${s} failed`;
    case "bridge.credentials_refused":
      return "The AMS refuses the bridge's credentials";
    case "mailing.sent":
      return `${n} mailing${s} sent`;
    case "mailing.on_hold":
      return `${n} mailing${s} on hold`;
    case "subscribers.unsubscribed":
      return `${n} ${count === 1 ? "person" : "people"} unsubscribed`;
    case "subscribers.bad_email":
      return `${n} bad e-mail address${count === 1 ? "" : "es"}`;
    case "writeback.failed":
      return `${n} writeback${s} failed`;
    case "webhook.switched_off":
      return `${n} webhook${s} switched off`;
    default:
      return unreachable(type);
  }
}

/** As English writes it: the program's own letters are in English. */
export function wholeNumber(value: number): string {
  return new Intl.NumberFormat("en").format(value);
}

/** The first notice waits so long for others of its kind. */
const collectedFor = { minutes: 3 };
/** A user has at most one such mail in this time: a bad night is a few mails, not two hundred. */
const apart = { minutes: 30 };

/**
 * When what was collected for a user leaves.
 * @param firstAt the oldest notice that waits
 * @param lastMailAt when such a mail was last made for them
 */
export function mailDueAt(firstAt: Temporal.Instant, lastMailAt: Temporal.Instant | null): Temporal.Instant {
  const collected = firstAt.add(collectedFor);
  if (lastMailAt === null) return collected;
  const spaced = lastMailAt.add(apart);
  return Temporal.Instant.compare(collected, spaced) < 0 ? spaced : collected;
}
