import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { describeError, SetupError } from "./errors.ts";

/** Encrypts secrets for the database. (product 6.5) */
export interface SecretBox {
  readonly keyId: string;
  /** @param context what the secret belongs to (the account): sealed for one, it opens for no other */
  seal(secret: string, context: string): Buffer;
  /** @throws SetupError when it was sealed with another key, or was altered */
  open(sealed: Buffer, context: string): string;
  /** A tag of 32 bytes that nobody makes without the key. @param purpose tags for one are worth nothing for another */
  sign(purpose: string, data: Buffer): Buffer;
  /** Whether a tag, or its first bytes, is what `sign` makes; takes as long whatever it is. */
  isSigned(purpose: string, data: Buffer, tag: Buffer): boolean;
}

const version = 1;
const keyIdLength = 4;
const nonceLength = 12;
const tagLength = 16;

/**
 * AES-256-GCM. Layout: version (1 byte), key id (4), nonce (12), tag (16), ciphertext; version, key id and context are
 * authenticated with it.
 * @param key 32 random bytes
 */
export function createSecretBox(key: Buffer): SecretBox {
  const keyIdBytes = createHash("sha256").update("lockstep key id").update(key).digest().subarray(0, keyIdLength);
  const head = Buffer.concat([Buffer.from([version]), keyIdBytes]);
  const keyId = keyIdBytes.toString("hex");
  // As key objects: made anew for each of a million signatures, they cost half as much as the signature.
  const signingKeys = new Map<string, KeyObject>();
  const sign = (purpose: string, data: Buffer) => {
    const own =
      signingKeys.get(purpose) ?? createSecretKey(Buffer.from(hkdfSync("sha256", key, "", `lockstep ${purpose}`, 32)));
    signingKeys.set(purpose, own);
    return createHmac("sha256", own).update(data).digest();
  };
  return {
    keyId,
    sign,
    isSigned: (purpose, data, tag) =>
      tag.length > 0 && timingSafeEqual(sign(purpose, data).subarray(0, tag.length), tag),
    seal(secret, context) {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.concat([head, Buffer.from(context)]));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return Buffer.concat([head, nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, context) {
      const sealedWith = sealed.subarray(1, 1 + keyIdLength).toString("hex");
      if (sealed[0] === version && sealedWith !== keyId) {
        throw new SetupError(
          "wrong_key",
          `A stored secret was encrypted with key ${sealedWith}; this installation has key ${keyId}.`,
          "Start with the key of the installation that the database comes from (LOCKSTEP_SECRET_KEY, or the file secret.key in its data folder), or enter the secret again.",
        );
      }
      const nonceAt = 1 + keyIdLength;
      const tagAt = nonceAt + nonceLength;
      const textAt = tagAt + tagLength;
      try {
        const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(nonceAt, tagAt), {
          authTagLength: tagLength,
        })
          .setAAD(Buffer.concat([sealed.subarray(0, nonceAt), Buffer.from(context)]))
          .setAuthTag(sealed.subarray(tagAt, textAt));
        return Buffer.concat([decipher.update(sealed.subarray(textAt)), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new SetupError(
          "altered_secret",
          "A stored secret was altered, or belongs to another account.",
          "Enter the secret again.",
          { cause },
        );
      }
    },
  };
}

/**
 * The installation's key: the one given, or the one in the file, which is made at the first start, readable by its
 * owner alone.
 * @throws SetupError when the file can't be read or written, or holds no key
 */
export function loadOrCreateKey(given: string | undefined, file: string): Buffer {
  if (given !== undefined) return Buffer.from(given, "base64");
  if (!existsSync(file)) createKeyFile(file);
  const key = Buffer.from(readKeyFile(file).trim(), "base64");
  if (key.length !== 32) {
    throw new SetupError(
      "no_key",
      `${file} holds no key of 32 bytes.`,
      "Put back the file that was made at the first start; without it, stored passwords must be entered again.",
    );
  }
  return key;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SetupError(
      "no_key_file",
      `The key file ${file} can't be read: ${describeError(cause)}`,
      "Make it readable to the user that Lockstep runs as, or set LOCKSTEP_SECRET_KEY.",
      { cause },
    );
  }
}

/**
 * Written beside it and then linked, which is done whole or not at all: of two processes that start at once, one makes
 * the file and the other reads all of it, and a kill in the middle leaves none.
 */
function createKeyFile(file: string): void {
  const draft = `${file}.${randomBytes(8).toString("hex")}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString("base64")}\n`, { mode: 0o600, flag: "wx", flush: true });
    placeKeyFile(draft, file);
    rmSync(draft, { force: true });
  } catch (error) {
    throw new SetupError(
      "no_key_file",
      `The key file ${file} can't be written.`,
      "Make the folder writable, or set LOCKSTEP_SECRET_KEY.",
      { cause: error },
    );
  }
}

function placeKeyFile(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch {
    // Either the file is there by now, or this file system knows no second name for a file.
    if (!existsSync(file)) renameSync(draft, file);
  }
}

/** A new secret token: 256 random bits behind a prefix that secret scanners know it by. */
export function newToken(prefix: string): string {
  return `${prefix}_${randomBytes(32).toString("base64url")}`;
}

/** What is stored of a token. Its own randomness makes a salt or a slow hash needless. */
export function hashToken(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** 32 letters that are not mistaken for one another. */
const letters = "abcdefghijkmnpqrstuvwxyz23456789";

/** A secret that people type: 80 random bits, as `k7mq-2x9p-h4tz-w8ne`. */
export function newReadableSecret(): string {
  const drawn = [...randomBytes(16)].map((byte) => letters[byte % letters.length]).join("");
  return (drawn.match(/.{4}/g) ?? []).join("-");
}
