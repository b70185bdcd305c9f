/** At which step a scripted address answers otherwise. */
export type ScriptStep = "mail" | "rcpt" | "message";

/** What a recipient's address asks the catcher to do instead of taking the mail. */
export type Script =
  | { readonly kind: "reply"; readonly step: ScriptStep; readonly code: number; readonly text: string }
  /** Cut the connection: at RCPT, when all of the message is there (it is not kept), or when it is kept, before the answer. */
  | { readonly kind: "drop"; readonly at: "rcpt" | "message" | "kept" }
  | { readonly kind: "slow"; readonly ms: number };

/** Each understands a local part; what stands behind a dot or a plus makes addresses of the same script distinct. */
const forms: readonly (readonly [RegExp, (...parts: string[]) => Script])[] = [
  [/^hard$/, () => reply("rcpt", "550", "5.1.1", "user unknown")],
  [/^full$/, () => reply("rcpt", "552", "5.2.2", "mailbox full")],
  [/^spam$/, () => reply("message", "554", "5.7.1", "refused as spam")],
  [/^defer$/, () => reply("rcpt", "450", "4.2.0", "try again later")],
  [
    /^(rcpt|message)-(\d{3})(?:-(\d-\d+-\d+))?$/,
    (step = "", code = "", status = "") =>
      reply(step as ScriptStep, code, status.replaceAll("-", "."), "as the script says"),
  ],
  [/^drop-(rcpt|message|kept)$/, (at) => ({ kind: "drop", at: at as "rcpt" | "message" | "kept" })],
  [/^slow-(\d{1,6})$/, (ms) => ({ kind: "slow", ms: Number(ms) })],
];

function reply(step: ScriptStep, code: string, status: string, text: string): Script {
  return { kind: "reply", step, code: Number(code), text: `${status} ${text}`.trim() };
}

/**
 * The script in an address, or null for one whose mail is taken. Deterministic: the same address, the same answer.
 * `hard@`, `full@`, `spam@`, `defer@`, `rcpt-550-5-1-1@`, `message-451@`, `drop-kept@`, `slow-500@`, each also as
 * `hard.anything@`.
 */
export function scriptOf(address: string): Script | null {
  const name = /^[^@.+]+/.exec(address.toLowerCase())?.[0] ?? "";
  for (const [form, make] of forms) {
    const found = form.exec(name);
    if (found) return make(...found.slice(1).map((part) => part ?? ""));
  }
  return null;
}
