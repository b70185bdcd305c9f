import { hash, verify } from "@node-rs/argon2";

/**
 * argon2id with 46 MiB and two passes, twice what is asked for (ASVS 5.0, 11.4.2 and appendix C: one pass of 46 MiB):
 * about 35 ms on an idle core, and still no half second for who signs in while a million people are synced.
 */
const cost = { memoryCost: 47_104, timeCost: 2, parallelism: 1 };
const costMark = "$argon2id$v=19$m=47104,t=2,p=1$";
/** Each takes 46 MiB and a core: more at once would slow syncs down, not guessing. */
const mostAtOnce = 2;

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** One spelling of letters that keyboards compose differently (NFC); nothing is trimmed or cut. */
const asTyped = (password: string) => password.normalize("NFC");

export function hashPassword(password: string): Promise<string> {
  return inTurn(() => hash(asTyped(password), cost));
}

let nobodys: Promise<string> | undefined;

/**
 * Whether the password is the hash's. Without a hash it is never right, and takes as long: time tells nobody whether
 * an address is known. (reliability 1.3, 2)
 */
export async function isPassword(password: string, hashed: string | null): Promise<boolean> {
  nobodys ??= hashPassword("nobody has this password");
  const against = hashed ?? (await nobodys);
  const isRight = await inTurn(() => verify(against, asTyped(password)));
  return isRight && hashed !== null;
}

/** Whether a hash was made with less care than today's. */
export function isOutdated(hashed: string): boolean {
  return !hashed.startsWith(costMark);
}
