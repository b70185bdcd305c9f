import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import RelaxedBody from "nodemailer/lib/dkim/relaxed-body.js";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { naughtyStrings } from "../../../test/harness/naughty-strings.ts";
import { runPython, testWithPython } from "../../../test/harness/python.ts";
import { createComposer, type Skeleton } from "./compose.ts";
import { relax, type SigningKey } from "./dkim.ts";

interface Person {
  readonly name: string;
}

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key: SigningKey = { domain: "example.org", selector: "lockstep", privateKey };
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: "spki", format: "der" }).toString("base64")}`;

const name = (person: Person) => person.name;
const skeleton: Skeleton<Person> = {
  from: { name: "Verein für Tests", address: "news@example.org" },
  replyTo: "office@example.org",
  subject: ["Grüße, ", name, "!"],
  text: ["Hello ", name, ",\n.\n  two  spaces \nbye\n"],
  html: ["<p>Hello <b>", name, "</b></p>\n<p>\tMore.  </p>"],
  key,
};
const addressing = {
  to: "ann@example.org",
  messageId: "1.2@example.org",
  at: Temporal.Instant.from("2030-03-04T09:00:00Z"),
  unsubscribeUrl: "https://mail.example.org/u/abc",
};
const write = (person: Person, changed: Partial<Skeleton<Person>> = {}) =>
  createComposer({ ...skeleton, ...changed })(addressing, person);

const headerNames = (message: Buffer) =>
  (message.toString("utf8").split("\r\n\r\n")[0] ?? "")
    .split(/\r\n(?![ \t])/)
    .map((line) => line.slice(0, line.indexOf(":")));

const expectedNames = [
  "DKIM-Signature",
  "From",
  "Reply-To",
  "MIME-Version",
  "Content-Type",
  "To",
  "Subject",
  "Date",
  "Message-ID",
  "List-Unsubscribe",
  "List-Unsubscribe-Post",
];

const readMessages = `
import email, email.policy, json, sys
out = []
for text in json.load(sys.stdin):
    message = email.message_from_bytes(text.encode('latin-1'), policy=email.policy.default)
    plain, markup = message.get_body(('plain',)), message.get_body(('html',))
    out.append({'subject': message['subject'], 'from': str(message['from']), 'to': str(message['to']),
        'kind': message.get_content_type(), 'parts': [part.get_content_type() for part in message.iter_parts()],
        'defects': [str(d) for part in message.walk() for d in part.defects],
        'text': plain.get_content().replace('\\r\\n', '\\n'), 'html': markup.get_content().replace('\\r\\n', '\\n')})
print(json.dumps(out))`;

testWithPython("email")("4.5 a message is read by somebody else's parser as it was meant", () => {
  const people = ["Ann", "Zoë O'Neil", "😀 Ünïcode", "a".repeat(300), "=?utf-8?Q?x?=", "= . \u00a0 ="].map((name) => ({
    name,
  }));
  const read = runPython<Record<string, unknown>[]>(
    readMessages,
    people.map((person) => write(person).toString("latin1")),
  );
  for (const [at, { name }] of people.entries()) {
    expect(read[at]).toEqual({
      subject: `Grüße, ${name}!`,
      from: "Verein für Tests <news@example.org>",
      to: "ann@example.org",
      kind: "multipart/alternative",
      parts: ["text/plain", "text/html"],
      defects: [],
      text: `Hello ${name},\n.\n  two  spaces \nbye\n`,
      html: `<p>Hello <b>${name}</b></p>\n<p>\tMore.  </p>`,
    });
  }
});

const verifyMessages = `
import dkim, json, sys
given = json.load(sys.stdin)
record = given['record'].encode()
print(json.dumps([dkim.verify(text.encode('latin-1'), dnsfunc=lambda name, timeout=5: record if name == b'lockstep._domainkey.example.org.' else None)
    for text in given['messages']]))`;

testWithPython("dkim")(
  "4.5 a signature holds before somebody else's verifier, for every name, and for no other byte",
  () => {
    const names = [
      "Ann",
      "Zoë",
      " two  spaces\t",
      "line\nbreak ",
      "",
      "x".repeat(2000),
      ...fc.sample(fc.string({ unit: "binary" }), { numRuns: 20, seed: 3 }),
    ];
    const messages = names.map((name) => write({ name }).toString("latin1"));
    expect(runPython(verifyMessages, { record, messages })).toEqual(messages.map(() => true));
    const altered = [
      messages[0]?.replace("Hello", "Hallo"),
      messages[0]?.replace("/u/abc", "/u/abd"),
      messages[0]?.replace("One-Click", "One-Clock"),
      messages[0]?.replace("news@", "mews@"),
    ];
    expect(runPython(verifyMessages, { record, messages: altered })).toEqual(altered.map(() => false));
  },
);

test("4.5 the signature covers both fields of the one-click unsubscribe (RFC 8058)", () => {
  const signed = /; h=([^;]*)/
    .exec(
      write({ name: "Ann" })
        .toString()
        .replace(/\r\n[ \t]+/g, " "),
    )?.[1]
    ?.split(":");
  for (const field of ["from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"])
    expect(signed).toContain(field);
});

test("4.5 lines read piece by piece are what the library reads of the whole", () => {
  const lines = fc.array(fc.string({ unit: fc.constantFrom("a", " ", "\t", "=", ".", "é"), maxLength: 12 }), {
    maxLength: 8,
  });
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 4 }), (parts) => {
      const texts = parts.map((part) => part.map((line) => `${line}\r\n`).join(""));
      const whole = new RelaxedBody({});
      whole.updateHash(Buffer.from(`${texts.join("")}end\r\n`), true);
      const own = new RelaxedBody({});
      const relaxed = `${texts.map(relax).join("")}end\r\n`;
      own.bodyHash.update(relaxed);
      expect(own.bodyHash.digest("hex")).toBe(whole.bodyHash.digest("hex"));
    }),
  );
});

test("4.5 no value begins a header, whatever it holds", () => {
  const probes = [
    "x\r\nBcc: evil@example.net",
    "x\nBcc: evil@example.net",
    "x\rBcc: evil@example.net",
    "x\0\r\n\r\nbody",
    "x\u2028Bcc: evil@example.net",
    "x\u0085Bcc: evil@example.net",
    "\u202eevil",
    ...naughtyStrings,
  ];
  for (const probe of probes) {
    const message = write({ name: probe }, { from: { name: probe, address: "news@example.org" } });
    expect(headerNames(message), probe).toEqual(expectedNames);
    expect(message.toString("latin1").replaceAll("\r\n", "")).not.toMatch(/[\r\n\0]/);
  }
});

test("4.5 addresses and tokens with a line break are refused, not cleaned: they can't come here", () => {
  const compose = createComposer(skeleton);
  for (const wrong of [{ to: "a@x\r\nBcc: b@y" }, { messageId: "1\n2" }, { unsubscribeUrl: "https://x/\r\ny" }])
    expect(() => compose({ ...addressing, ...wrong }, { name: "Ann" })).toThrow(RangeError);
});

test("4.5 a message without a key is whole and unsigned; without a reply address it has none", async () => {
  const message = write({ name: "Ann" }, { key: null, replyTo: "" });
  expect(headerNames(message)).toEqual(expectedNames.filter((one) => one !== "DKIM-Signature" && one !== "Reply-To"));
  expect(await PostalMime.parse(message)).toMatchObject({ text: expect.stringContaining("Hello Ann,") });
});
