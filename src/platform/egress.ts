import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** The address may not be called from here; the message says why. */
export class EgressError extends Error {
  override readonly name = "EgressError";
}

export interface EgressRules {
  /** Lets private, loopback and link-local addresses and plain http pass: an operator's decision. */
  readonly allowPrivate: boolean;
  /** One origin that passes whatever it is, in the URL parser's own spelling: the operator's sample data. */
  readonly trustedOrigin?: string | undefined;
  /** The setting by which an operator allows private addresses; a bridge's unless it is another. */
  readonly setting?: string;
}

const longestUrl = 2048;
const openPorts = ["", "80", "443", "8080", "8443"];

/**
 * Proves that a URL may be called: its scheme, port and, where the host is a literal address in whatever spelling,
 * that address. A name is checked again by `guardedLookup` when it is connected to. (reliability 1.3, 7)
 * @throws EgressError
 */
export function checkUrl(text: string, rules: EgressRules): URL {
  if (text.length > longestUrl) throw new EgressError(`the address is longer than ${longestUrl} characters`);
  if (!URL.canParse(text)) throw new EgressError("it is no web address; it begins with https://");
  const url = new URL(text);
  const allowPrivate = rules.allowPrivate || url.origin === rules.trustedOrigin;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && allowPrivate)) {
    throw new EgressError(`the address begins with ${url.protocol}//, but must begin with https://`);
  }
  if (url.username !== "" || url.password !== "")
    throw new EgressError("the address holds a user name or password; they have fields of their own");
  if (url.hash !== "") throw new EgressError("the address holds a # part");
  if (!allowPrivate && !openPorts.includes(url.port))
    throw new EgressError(`port ${url.port} is not one that a web service answers on`);
  // The URL parser has turned 127.1, 0x7f.1 or 2130706433 into the usual form already.
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (!allowPrivate) {
    if (host === "localhost" || host.endsWith(".localhost")) throw new EgressError("the address is this machine's own");
    if (ipaddr.isValid(host)) refusePrivate(host, rules);
  }
  return url;
}

/**
 * A DNS look-up for connecting: what it hands out has been checked, so a second answer can't differ from the first.
 * @param resolve asks DNS; the system's unless it is another
 */
export function guardedLookup(rules: EgressRules, resolve: typeof dnsLookup = dnsLookup): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, "", 0);
      try {
        if (!rules.allowPrivate) for (const { address } of addresses) refusePrivate(address, rules);
      } catch (refusal) {
        return callback(refusal as Error, "", 0);
      }
      const [first] = addresses;
      if (options.all) return callback(null, addresses as never, 0);
      return first
        ? callback(null, first.address, first.family)
        : callback(new Error(`${hostname} has no address`), "", 0);
    });
  };
}

function refusePrivate(address: string, { setting = "LOCKSTEP_ALLOW_PRIVATE_AMS" }: EgressRules): void {
  const parsed = ipaddr.process(address.replace(/%.*$/, ""));
  const range = isGivenOut(parsed) ? parsed.range() : "reserved";
  if (range !== "unicast") {
    throw new EgressError(`${address} is a ${range} address, which only an operator may allow (${setting})`);
  }
}

/** Of IPv6 only 2000::/3 is given out to hosts; ::127.0.0.1, for one, is in no range with a name. */
function isGivenOut(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address instanceof ipaddr.IPv4 || address.range() !== "unicast") return true;
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}
