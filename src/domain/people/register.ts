import { z } from "zod";
import { InvalidInputError } from "../../platform/errors.ts";
import type { ErasureLine } from "../subscribers/erasure-register.ts";

/** Whom all accounts of one state of the database had erased, by hashes alone. (product 2.6) */
export interface ErasureRegister {
  /** Until when it knows. */
  readonly at: string;
  /** Which key its hashes are made with; null when nobody knows. */
  readonly keyId: string | null;
  readonly lines: readonly ErasureLine[];
}

const heading = z.object({ erasuresUntil: z.iso.datetime(), keyId: z.string() });
const line = z.object({
  accountId: z.uuid(),
  erasureId: z.uuid(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  erasedAt: z.iso.datetime(),
});

/** One line of JSON that says until when and by which key, then one for each hash. */
export function writeRegister({ at, keyId, lines }: ErasureRegister): string {
  return [{ erasuresUntil: at, keyId }, ...lines].map((one) => `${JSON.stringify(one)}\n`).join("");
}

/** @throws InvalidInputError when it is none that `writeRegister` wrote */
export function parseRegister(text: string): ErasureRegister {
  const [first = "", ...rest] = text.split("\n").filter((one) => one.trim() !== "");
  const { erasuresUntil, keyId } = parseLine(first, 0, (value) => heading.parse(value));
  return {
    at: erasuresUntil,
    keyId,
    lines: rest.map((one, at) => parseLine(one, at + 1, (value) => line.parse(value) as ErasureLine)),
  };
}

function parseLine<T>(text: string, at: number, parse: (value: unknown) => T): T {
  try {
    return parse(JSON.parse(text));
  } catch (cause) {
    const message = `line ${at + 1} is none that 'lockstep person erasures' writes`;
    throw new InvalidInputError([{ path: "register", message }], { cause });
  }
}
