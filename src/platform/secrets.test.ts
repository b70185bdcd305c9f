import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { SetupError } from "./errors.ts";
import { createSecretBox, hashToken, loadOrCreateKey, newToken } from "./secrets.ts";

const box = createSecretBox(Buffer.alloc(32, 1));
const otherBox = createSecretBox(Buffer.alloc(32, 2));

/** What a refusal says; fails when it isn't one meant for the operator. */
function refusal(work: () => unknown): SetupError {
  try {
    work();
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "lockstep-key-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("6.5 a secret opens as what was sealed, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (secret, context) => {
      expect(box.open(box.seal(secret, context), context)).toBe(secret);
    }),
  );
});

test("6.5 a sealed secret shows neither the secret nor that two are the same", () => {
  const [one, two] = [box.seal("correct horse", "a"), box.seal("correct horse", "a")];
  expect(one.equals(two)).toBe(false);
  expect(one.includes("correct horse")).toBe(false);
});

test("6.5 a sealed secret with any one bit altered is refused with a sentence", () => {
  const sealed = box.seal("correct horse", "a");
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const altered = Buffer.from(sealed);
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    const isKeyId = bit >= 8 && bit < 40;
    expect(refusal(() => box.open(altered, "a")).code).toBe(isKeyId ? "wrong_key" : "altered_secret");
  }
});

test("6.5 a sealed secret that was cut off anywhere, or has something after it, is refused with a sentence", () => {
  const sealed = box.seal("correct horse", "a");
  for (let length = 0; length < sealed.length; length += 1) {
    expect(refusal(() => box.open(sealed.subarray(0, length), "a")).message).not.toBe("");
  }
  expect(refusal(() => box.open(Buffer.concat([sealed, Buffer.of(0)]), "a")).code).toBe("altered_secret");
});

test("6.5 a secret of another installation is refused by both keys' names and a way out", () => {
  const { message, wayOut } = refusal(() => otherBox.open(box.seal("correct horse", "a"), "a"));
  expect(message).toBe(
    `A stored secret was encrypted with key ${box.keyId}; this installation has key ${otherBox.keyId}.`,
  );
  expect(wayOut).toContain("LOCKSTEP_SECRET_KEY");
});

test("6.5 a secret sealed for one account opens for no other", () => {
  const { message } = refusal(() => box.open(box.seal("correct horse", "account a"), "account b"));
  expect(message).toBe("A stored secret was altered, or belongs to another account.");
});

test("6.5 a key file is made once, and its owner alone may read it", () => {
  const own = folder();
  const file = join(own, "secret.key");
  const key = loadOrCreateKey(undefined, file);
  expect(key).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(loadOrCreateKey(undefined, file).equals(key)).toBe(true);
  expect(readdirSync(own)).toEqual(["secret.key"]);
});

test("6.5 a key that is set goes before the file, and makes none", () => {
  const own = folder();
  const key = Buffer.alloc(32, 3);
  expect(loadOrCreateKey(key.toString("base64"), join(own, "secret.key")).equals(key)).toBe(true);
  expect(readdirSync(own)).toEqual([]);
});

test("6.5 a key file is the same for all processes that start at once", async () => {
  const file = join(folder(), "secret.key");
  const program = `
    import { loadOrCreateKey } from ${JSON.stringify(join(import.meta.dirname, "secrets.ts"))};
    while (Date.now() < ${Date.now() + 700});
    console.log(loadOrCreateKey(undefined, process.argv[1]).toString("base64"));`;
  const start = async () => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    await once(child, "close");
    return said;
  };
  const keys = await Promise.all([start(), start(), start(), start()]);
  expect(new Set(keys)).toEqual(new Set([readFileSync(file, "utf8")]));
});

test("6.5 a key file that can't be used is refused with a sentence: empty, foreign, unreadable, nowhere to put it", () => {
  const own = folder();
  const file = join(own, "secret.key");
  for (const content of ["", "hello", Buffer.alloc(31).toString("base64")]) {
    writeFileSync(file, content);
    expect(refusal(() => loadOrCreateKey(undefined, file)).message).toBe(`${file} holds no key of 32 bytes.`);
    expect(readFileSync(file, "utf8")).toBe(content);
  }
  mkdirSync(join(own, "a-folder"));
  expect(refusal(() => loadOrCreateKey(undefined, join(own, "a-folder"))).message).toContain("can't be read");
  const nowhere = refusal(() => loadOrCreateKey(undefined, join(file, "secret.key")));
  expect(nowhere.message).toContain("can't be written");
  expect(nowhere.wayOut).toContain("LOCKSTEP_SECRET_KEY");
});

test("6.5 a token has its prefix and 256 bits, and what is stored of it depends on all of them", () => {
  const tokens = Array.from({ length: 100 }, () => newToken("lsk"));
  expect(new Set(tokens).size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^lsk_[\w-]{43}$/);
  const [token = ""] = tokens;
  expect(hashToken(token).equals(hashToken(token))).toBe(true);
  expect(hashToken(token).equals(hashToken(`${token}x`))).toBe(false);
});
