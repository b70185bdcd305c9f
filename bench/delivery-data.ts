import { composeMailing } from "../src/domain/mailings/delivery/compose-mailing.ts";
import type { FieldPiece, FrozenContent, Piece } from "../src/domain/mailings/frozen-content.ts";
import type { InstanceId } from "../src/domain/mailings/mailing.ts";
import type { SigningKey } from "../src/platform/mail/dkim.ts";
import { createSecretBox } from "../src/platform/secrets.ts";

/** What a message of 10 KB with ten personal values is made of. */
const names = ["first", "last", "title", "city", "chapter", "member", "since", "level", "event", "seat"];

const field = (name: string, place: FieldPiece["place"]): Piece => ({
  kind: "field",
  field: name,
  template: '{{ value | default: "friend" }}',
  place,
});

const paragraph =
  '<p style="margin:0 0 16px;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5">The annual conference brings the profession together for three days of sessions, workshops and time to talk. Register before the end of the month and bring a colleague along: places in the workshops are few and go fast. ';
const words =
  "The annual conference brings the profession together for three days of sessions. Places are few and go fast. ";

export const mailContent: FrozenContent = {
  fromName: "Association of Examples",
  fromAddress: "news@example.org",
  replyTo: "office@example.org",
  subject: ["News for ", field("first", "subject")],
  html: [
    "<!doctype html><html><body>",
    ...names.flatMap((name) => [paragraph.repeat(2), field(name, "html"), "</p>\n"]),
    '<p><a href="',
    { kind: "unsubscribe" },
    '">Unsubscribe</a></p></body></html>',
  ],
  text: ["Hello ", field("first", "text"), ",\n", words.repeat(8), "\nUnsubscribe: ", { kind: "unsubscribe" }, "\n"],
  links: [],
  fields: names,
};

export function valuesOf(number: number): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `${name} ${number}`]));
}

/** What writes a recipient's mail, as a run of delivery does. */
export function composer(key: SigningKey) {
  const sender = {
    secrets: createSecretBox(Buffer.alloc(32, 1)),
    publicUrl: "https://mail.example.org",
    bounceDomain: "bounces.example.org",
    clock: {
      now: () => Temporal.Now.instant(),
      monotonicMs: () => performance.now(),
      sleep: async () => {},
      random: () => 0.5,
    },
  };
  const instance = {
    id: "0190b2f0-0000-7000-8000-000000000001" as InstanceId,
    content: mailContent,
    openTracking: "off" as const,
  };
  const compose = composeMailing(sender, instance, key);
  return (number: number) => {
    const email = `member.${number}@example.org`;
    return compose({
      place: number + 1,
      subscriberId: number,
      email,
      emailKey: email,
      values: valuesOf(number),
      tries: 0,
      firstTriedAt: null,
    });
  };
}

/** The same as a caller of the mail library would write it out. */
export function writtenOut(number: number) {
  const values = valuesOf(number);
  const url = `https://mail.example.org/u/AgGiEj8iv3jWsckwOeXGb2oAAAABAAC7_05Lj9hyCewLZgEsa-1q${number}`;
  const fill = (pieces: readonly Piece[]) =>
    pieces
      .map((piece) => (typeof piece === "string" ? piece : piece.kind === "field" ? (values[piece.field] ?? "") : url))
      .join("");
  return {
    from: { name: mailContent.fromName, address: mailContent.fromAddress },
    replyTo: mailContent.replyTo,
    to: { name: "", address: `member.${number}@example.org` },
    subject: fill(mailContent.subject),
    html: fill(mailContent.html),
    text: fill(mailContent.text),
    headers: { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" },
  };
}
