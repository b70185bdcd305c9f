import { Resolver } from "node:dns/promises";
import { must } from "./errors.ts";

/** What a name server says: records, none, or nothing at all. */
export type DnsAnswer<T> =
  | { readonly state: "found"; readonly records: readonly T[] }
  | { readonly state: "none" }
  /** @property reason in words that follow "the name server": "does not answer" */
  | { readonly state: "failed"; readonly reason: string };

/** A server that takes a domain's mail. */
export interface Exchanger {
  readonly exchange: string;
  readonly priority: number;
}

/** Asks DNS for records. It never throws, and it never waits longer than some seconds. */
export interface Dns {
  txt(name: string): Promise<DnsAnswer<string>>;
  /** By preference. */
  mx(name: string): Promise<DnsAnswer<Exchanger>>;
  /** Whether the name has an address, of either kind. */
  address(name: string): Promise<DnsAnswer<string>>;
}

export interface DnsOptions {
  /** `address` or `address:port`; without any, the system's own. */
  readonly servers: readonly string[];
  /** For one try at one server. */
  readonly timeoutMs: number;
  readonly tries: number;
}

const nothing = ["ENOTFOUND", "ENODATA"];
const reasons: Readonly<Record<string, string>> = {
  ETIMEOUT: "does not answer",
  ECONNREFUSED: "refuses to answer",
  EREFUSED: "refuses to answer",
  ESERVFAIL: "says that it can't answer",
  EBADRESP: "answers what nobody understands",
  EBADNAME: "can't read this name",
};

export function createDns({ servers, timeoutMs, tries }: DnsOptions): Dns {
  // Each question has a resolver of its own: a server that hangs for one holds no other up.
  const ask = async <T>(question: (resolver: Resolver) => Promise<readonly T[]>): Promise<DnsAnswer<T>> => {
    const resolver = new Resolver({ timeout: timeoutMs, tries, maxTimeout: timeoutMs });
    if (servers.length > 0) resolver.setServers([...servers]);
    try {
      const records = await question(resolver);
      return records.length > 0 ? { state: "found", records } : { state: "none" };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (nothing.includes(code)) return { state: "none" };
      return { state: "failed", reason: reasons[code] ?? `can't be asked (${code || "unknown error"})` };
    }
  };
  return {
    // A long text comes in pieces of 255 bytes, which belong together without a space. (RFC 7208 3.3, RFC 6376 3.6.2.2)
    txt: (name) => ask(async (resolver) => (await resolver.resolveTxt(name)).map((pieces) => pieces.join(""))),
    mx: (name) => ask(async (resolver) => (await resolver.resolveMx(name)).toSorted((a, b) => a.priority - b.priority)),
    async address(name) {
      const answers = await Promise.all([
        ask((resolver) => resolver.resolve4(name)),
        ask((resolver) => resolver.resolve6(name)),
      ]);
      const order = ["found", "none", "failed"];
      return must(answers.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0], "two were asked");
    },
  };
}
