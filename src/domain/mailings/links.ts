import type { Context } from "../context.ts";
import type { InstanceId } from "./mailing.ts";
import type { RecipientRef } from "./recipient.ts";

/** What a link in a mail may do: a token for one purpose is worth nothing for another. (reliability 1.3, 17) */
const purposes = { click: 1, unsubscribe: 2, preferences: 3, open: 4, bounce: 5 } as const;
export type Purpose = keyof typeof purposes;

/** What a token names. */
export interface LinkToken extends RecipientRef {
  readonly purpose: Purpose;
  /** Of a click: which link. */
  readonly link: number;
}

/** The addresses in one recipient's mail. None holds an e-mail address, none ever expires. */
export interface RecipientLinks {
  readonly unsubscribe: string;
  readonly preferences: string;
  /** A picture of one pixel. */
  readonly open: string;
  click(link: number): string;
}

/** Where the links of a test mail lead: nobody's. */
export const testLinkPath = "/u/test";

type Signing = Pick<Context, "secrets" | "publicUrl">;

const tagBytes = 16;
/** Purpose, instance, place, link. */
const bodyBytes = 1 + 16 + 4 + 2;
/** An address's local part has at most 64 letters, which a server on the way may turn to lower case: base 32. */
const returnPathTagBytes = 10;

export function linksOf(ctx: Signing, ref: RecipientRef): RecipientLinks {
  const address = (letter: string, purpose: Purpose, link = 0) =>
    `${ctx.publicUrl}/${letter}/${sign(ctx, { ...ref, purpose, link }).toString("base64url")}`;
  // Signed when they are asked for: a mailing has a million recipients, and not every link.
  return {
    get unsubscribe() {
      return address("u", "unsubscribe");
    },
    get preferences() {
      return address("p", "preferences");
    },
    get open() {
      return `${address("o", "open")}.gif`;
    },
    click: (link) => address("c", "click", link),
  };
}

/** The envelope sender that a bounce comes back to, and whom it is about. (VERP) */
export function returnPathOf(ctx: Signing, ref: RecipientRef, domain: string): string {
  const body = toBytes({ ...ref, purpose: "bounce", link: 0 });
  const tag = ctx.secrets.sign("mail link", body).subarray(0, returnPathTagBytes);
  return `b-${toBase32(Buffer.concat([body.subarray(1, 21), tag]))}@${domain}`;
}

/** @returns what a return path names, or null when it is none of ours or was altered */
export function readReturnPath(ctx: Signing, localPart: string): RecipientRef | null {
  const bytes = fromBase32(/^b-([a-z2-7]{48})$/i.exec(localPart)?.[1]?.toLowerCase() ?? "");
  if (bytes.length !== 20 + returnPathTagBytes) return null;
  const body = Buffer.concat([Buffer.from([purposes.bounce]), bytes.subarray(0, 20), Buffer.alloc(2)]);
  if (!ctx.secrets.isSigned("mail link", body, bytes.subarray(20))) return null;
  const { instance, place } = fromBytes(body);
  return { instance, place };
}

/** @returns what a token names, or null when it was altered, made for another purpose or by another installation */
export function readToken(ctx: Signing, token: string, purpose: Purpose): LinkToken | null {
  if (!/^[\w-]{52}$/.test(token)) return null;
  const bytes = Buffer.from(token, "base64url");
  const body = bytes.subarray(0, bodyBytes);
  // The last letter's spare bits would let one token be spelt in several ways.
  if (bytes.toString("base64url") !== token || body[0] !== purposes[purpose]) return null;
  if (!ctx.secrets.isSigned("mail link", body, bytes.subarray(bodyBytes))) return null;
  return { purpose, ...fromBytes(body) };
}

function sign(ctx: Signing, token: LinkToken): Buffer {
  const body = toBytes(token);
  return Buffer.concat([body, ctx.secrets.sign("mail link", body).subarray(0, tagBytes)]);
}

function toBytes({ purpose, instance, place, link }: LinkToken): Buffer {
  const body = Buffer.alloc(bodyBytes);
  body.writeUInt8(purposes[purpose], 0);
  body.write(instance.replaceAll("-", ""), 1, "hex");
  body.writeUInt32BE(place, 17);
  body.writeUInt16BE(link, 21);
  return body;
}

function fromBytes(body: Buffer): { instance: InstanceId; place: number; link: number } {
  const instance = body.toString("hex", 1, 17).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { instance: instance as InstanceId, place: body.readUInt32BE(17), link: body.readUInt16BE(21) };
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648, without padding; for whole numbers of five bytes. */
function toBase32(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 5) {
    const five = BigInt(`0x${bytes.toString("hex", at, at + 5)}`);
    for (let shift = 35n; shift >= 0n; shift -= 5n) text += base32[Number((five >> shift) & 31n)];
  }
  return text;
}

function fromBase32(text: string): Buffer {
  let hex = "";
  for (let at = 0; at < text.length; at += 8) {
    const five = [...text.slice(at, at + 8)].reduce((sum, letter) => (sum << 5n) | BigInt(base32.indexOf(letter)), 0n);
    hex += five.toString(16).padStart(10, "0");
  }
  return Buffer.from(hex, "hex");
}
