import type { Role } from "../accounts/permissions.rules.ts";
import { type NoticeType, noticeTypes } from "./event.rules.ts";

export const ways = ["at_once", "digest", "none"] as const;
/** How a user is told of something: by a mail of its own, in the daily digest, or not at all. */
export type Way = (typeof ways)[number];

export type Choices = { readonly [Type in NoticeType]: Way };

/** What needs an administrator, who is told of it unless they say otherwise. */
const urgent: readonly NoticeType[] = [
  "sync.failed",
  "sync.held",
  "bridge.credentials_refused",
  "mailing.on_hold",
  "writeback.failed",
  "webhook.switched_off",
];

/** What a user of the role is told who has chosen nothing. */
export function defaultWay(role: Role | null, type: NoticeType): Way {
  return role === "administrator" && urgent.includes(type) ? "at_once" : "none";
}

/** Every choice of a user: what they chose, else what their role is told. */
export function choicesOf(role: Role | null, chosen: ReadonlyMap<string, Way>): Choices {
  const entries = noticeTypes.map((type) => [type, chosen.get(type) ?? defaultWay(role, type)]);
  return Object.fromEntries(entries) as Choices; // as: one entry for each type
}
