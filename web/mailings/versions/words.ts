import type { Schema } from "../../api/client.ts";
import { useNow, useTimes } from "../../ui/when.tsx";

export type VersionLine = Schema<"MailingVersionLine">;

const day = 24 * 3600_000;

/** A version's moment in words: "Today, 14:02", "Yesterday, 09:30"; before that with its date. */
export function useMoments(): (at: string) => string {
  const times = useTimes();
  const now = useNow();
  const minute = new Intl.DateTimeFormat(times.locale, {
    timeZone: times.timeZone,
    hour: "numeric",
    minute: "2-digit",
  });
  return (at) => {
    const date = times.date(at);
    const clock = minute.format(new Date(at));
    if (date === times.date(now)) return `Today, ${clock}`;
    return date === times.date(now - day) ? `Yesterday, ${clock}` : `${date}, ${clock}`;
  };
}

const names: Readonly<Record<NonNullable<VersionLine["changed"]>[number], string>> = {
  fromName: "sender",
  fromAddress: "sender",
  replyTo: "reply-to",
  subject: "subject",
  preheader: "preheader",
  bodyKind: "kind of body",
  body: "body",
  textPart: "text part",
};

/** What became another with this version, in words; null for the oldest that is kept. */
export function changedWords({ changed }: VersionLine): string | null {
  if (changed === null) return null;
  const words = [...new Set(changed.map((name) => names[name]))];
  return words.length === 0 ? "nothing" : words.join(", ");
}
