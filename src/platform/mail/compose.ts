import { encodeWords, foldLines } from "nodemailer/lib/mime-funcs";
import MimeNode from "nodemailer/lib/mime-node";
import { relax, type SigningKey, signMessage } from "./dkim.ts";
import { encodePiece } from "./quoted-printable.ts";

/** What is the same in everybody's message, or what one person has in its place. */
export type Slot<Person> = string | ((person: Person) => string);

/** A message for many, taken apart. */
export interface Skeleton<Person> {
  readonly from: { readonly name: string; readonly address: string };
  /** Empty: answers go to the sender. */
  readonly replyTo: string;
  readonly subject: readonly Slot<Person>[];
  readonly text: readonly Slot<Person>[];
  readonly html: readonly Slot<Person>[];
  /** Null: the message leaves unsigned. */
  readonly key: SigningKey | null;
}

/** What is one recipient's own, beside the slots. */
export interface Addressing {
  /** An address that has passed our own check: nothing in it needs quoting. */
  readonly to: string;
  /** Without angle brackets. */
  readonly messageId: string;
  readonly at: Temporal.Instant;
  /** Where one POST unsubscribes. (RFC 8058) */
  readonly unsubscribeUrl: string;
}

/** Writes one recipient's message: bytes as they go over the wire, but for the dots that SMTP doubles. */
export type Composer<Person> = (addressing: Addressing, person: Person) => Buffer;

/**
 * Composes a message once: its MIME structure, and everything that is the same for everybody, encoded. What is left for
 * each recipient is to fill the slots and to sign; to compose anew each time costs several times as much.
 */
export function createComposer<Person>(skeleton: Skeleton<Person>): Composer<Person> {
  const { key, subject } = skeleton;
  const { headers: fixed, opening, between, closing } = buildFrame(skeleton);
  const slots = [opening, ...encodeFixed(skeleton.text), between, ...encodeFixed(skeleton.html), closing];
  const relaxed = slots.map((slot) => (typeof slot === "string" ? relax(slot) : slot));
  return (addressing, person) => {
    const title = subject.map((slot) => (typeof slot === "string" ? slot : slot(person))).join("");
    const headers = [...fixed, ...ownHeaders(addressing, title)];
    const pieces = slots.map((slot) => (typeof slot === "string" ? slot : encodePiece(slot(person))));
    const body = Buffer.from(pieces.join(""), "latin1");
    if (!key) return Buffer.concat([toHead(headers), body]);
    const relaxedPieces = relaxed.map((slot, at) => (typeof slot === "string" ? slot : relax(pieces[at] ?? "")));
    const signature = signMessage(key, headers, Buffer.from(relaxedPieces.join(""), "latin1"));
    return Buffer.concat([toHead([signature, ...headers]), body]);
  };
}

/** A plain and an HTML part, as the library writes them: its headers, and what stands around the two bodies. */
function buildFrame({ from, replyTo }: Pick<Skeleton<never>, "from" | "replyTo">) {
  const root = new MimeNode("multipart/alternative");
  root.setHeader("From", { name: oneLine(from.name), address: from.address });
  if (replyTo !== "") root.setHeader("Reply-To", { name: "", address: replyTo });
  const parts = ["text/plain; charset=utf-8", "text/html; charset=utf-8"].map((type) => {
    const part = root.createChild(type);
    part.setHeader("Content-Transfer-Encoding", "quoted-printable");
    return part.buildHeaders();
  });
  const own = /^(?:Date|Message-ID):/i;
  const headers = root
    .buildHeaders()
    .split(/\r\n(?![ \t])/)
    .filter((line) => !own.test(line));
  const delimiter = `--${root.boundary}`;
  return {
    headers,
    opening: `${delimiter}\r\n${parts[0]}\r\n\r\n`,
    between: `\r\n${delimiter}\r\n${parts[1]}\r\n\r\n`,
    closing: `\r\n${delimiter}--\r\n`,
  };
}

/** Pieces that are the same for everybody, encoded once; neighbours as one, for a line break may lie across them. */
function encodeFixed<Person>(slots: readonly Slot<Person>[]): Slot<Person>[] {
  const joined: Slot<Person>[] = [];
  for (const slot of slots) {
    const last = joined.at(-1);
    if (typeof slot === "string" && typeof last === "string") joined.splice(-1, 1, last + slot);
    else joined.push(slot);
  }
  return joined.map((slot) => (typeof slot === "string" ? encodePiece(slot) : slot));
}

function toHead(headers: readonly string[]): Buffer {
  return Buffer.from(`${headers.join("\r\n")}\r\n\r\n`);
}

function ownHeaders({ to, messageId, at, unsubscribeUrl }: Addressing, subject: string): string[] {
  const date = new Date(at.epochMilliseconds).toUTCString().replace("GMT", "+0000");
  return [
    field("To", `<${to}>`),
    foldLines(field("Subject", encodeWords(oneLine(subject), "Q", 52, true)), 76),
    field("Date", date),
    field("Message-ID", `<${messageId}>`),
    field("List-Unsubscribe", `<${unsubscribeUrl}>`),
    field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
  ];
}

/** Where a control character would begin a header of its own, there is none. (reliability 1.3, 13) */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, "")
    .trim();
}

/** @throws RangeError when the value holds a control character: what comes here has been checked or cleaned */
function field(name: string, value: string): string {
  if (/\p{Cc}/u.test(value)) throw new RangeError(`the value of ${name} holds a control character`);
  return `${name}: ${value}`;
}
