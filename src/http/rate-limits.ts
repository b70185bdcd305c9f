import ipaddr from "ipaddr.js";
import { CompiledQuery } from "kysely";
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterPostgres,
  RateLimiterRes,
} from "rate-limiter-flexible";
import type { Context } from "../domain/context.ts";
import type { Config } from "../platform/config.ts";
import { TooManyRequestsError } from "../platform/errors.ts";

/** Tries are counted in the database, so that several processes count together; an API key's requests are not. */
export interface RateLimits {
  /** Everything that guesses or mails, by the address it comes from. @throws TooManyRequestsError */
  knock(address: string): Promise<void>;
  /** @throws TooManyRequestsError when the key made too many of this process in this minute */
  useKey(keyId: string): Promise<void>;
  /** A link in no mail, by the address it comes from. @throws TooManyRequestsError */
  guess(address: string): Promise<void>;
  /** @returns false when enough letters were asked for this address in this hour */
  mayMail(email: string): Promise<boolean>;
}

export function createRateLimits(ctx: Context, config: Pick<Config, "apiRate">): RateLimits {
  const limiter = (keyPrefix: string, points: number, duration: number) =>
    new RateLimiterPostgres({
      storeClient: { query: (query: Query) => ctx.db.count((tx) => tx.executeQuery(toKysely(query))) },
      storeType: "client",
      schemaName: "throttle",
      tableName: "rate",
      tableCreated: true,
      keyPrefix,
      points,
      duration,
      inMemoryBlockOnConsumed: points + 1,
    });
  const addresses = limiter("knock", 100, 15 * 60);
  // In this process alone: it keeps one program from using up a server, which a commit for each request would as well.
  const keys = new RateLimiterMemory({ keyPrefix: "key", points: config.apiRate, duration: 60 });
  // Guessing is hopeless: this only keeps the noise down, and costs no commit.
  const guesses = new RateLimiterMemory({ keyPrefix: "guess", points: 300, duration: 60 });
  const letters = limiter("mail", 5, 3600);
  return {
    knock: (address) => take(addresses, networkOf(address), "Too many tries from your network address."),
    useKey: (keyId) => take(keys, keyId, "This API key makes too many requests."),
    guess: (address) => take(guesses, networkOf(address), "Too many links that aren't valid."),
    mayMail: (email) =>
      letters.consume(email.slice(0, 200)).then(
        () => true,
        (refusal) => {
          if (refusal instanceof RateLimiterRes) return false;
          throw refusal;
        },
      ),
  };
}

interface Query {
  readonly text: string;
  readonly values?: readonly unknown[];
}

const toKysely = ({ text, values = [] }: Query) => CompiledQuery.raw(text, [...values]);

async function take(limiter: RateLimiterAbstract, key: string, message: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new TooManyRequestsError(message, Math.max(1, Math.ceil(refusal.msBeforeNext / 1000)));
  }
}

/** One IPv6 customer has 2^64 addresses: they count as one. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}
