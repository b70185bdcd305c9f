import type { Schema } from "../api/client.ts";
import { ToneBadge } from "../ui/state-badge.tsx";

type StandingName = Schema<"Subscriber">["standing"];

/** The words for how a person stands. (product 2.4) */
export const standingWords: Record<StandingName, string> = {
  sendable: "Sendable",
  do_not_email: "Do not e-mail (netFORUM Pro)",
  unsubscribed: "Unsubscribed here",
  bad_email: "Bad e-mail",
};

/** Whether a person may be written to, and if not, why. */
export function Standing({ standing }: { readonly standing: StandingName }) {
  return <ToneBadge tone={standing === "sendable" ? "good" : "warn"}>{standingWords[standing]}</ToneBadge>;
}
