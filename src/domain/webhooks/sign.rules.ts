import { createHmac } from "node:crypto";

/** What a secret begins with; base64 follows. */
export const secretPrefix = "whsec_";

/**
 * The three headers that a receiver proves a call by (Standard Webhooks 1.0.0). While a secret is being replaced both
 * sign, the new one first.
 * @param sentAt when this call leaves: a receiver refuses what is too old, so each attempt is signed anew
 */
export function signedHeaders(
  secrets: readonly string[],
  messageId: string,
  sentAt: Temporal.Instant,
  body: string,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(sentAt.epochMilliseconds / 1000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secretPrefix.length), "base64");
    return `v1,${createHmac("sha256", key).update(`${messageId}.${timestamp}.${body}`).digest("base64")}`;
  });
  return { "webhook-id": messageId, "webhook-timestamp": timestamp, "webhook-signature": signatures.join(" ") };
}
