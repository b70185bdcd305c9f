import { checkUrl, EgressError } from "../../platform/egress.ts";
import { AmsError, type CallObserver, type Connector, type Session, type SessionSettings } from "../connector.ts";
import { type Bounds, defaultBounds } from "./bounds.ts";
import { Http, type HttpOptions } from "./http.ts";
import { defaultMapping, parseMapping } from "./mapping.ts";
import { NetforumSession } from "./session.ts";

export interface NetforumProOptions extends HttpOptions {
  readonly bounds?: Partial<Bounds>;
  /** Further tries after a transport failure. */
  readonly retries?: number;
  readonly observer?: CallObserver;
  readonly monotonicMs: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** The connector that speaks netFORUM Pro's xWeb. */
export function createNetforumProConnector(options: NetforumProOptions): Connector {
  const trustedOrigin = options.sampleUrl === undefined ? undefined : new URL(options.sampleUrl).origin;
  const check = (baseUrl: string): URL => {
    try {
      return checkUrl(baseUrl, { allowPrivate: options.allowPrivateAddresses, trustedOrigin });
    } catch (error) {
      if (error instanceof EgressError)
        throw new AmsError("refused", `The bridge's address can't be used: ${error.message}.`, { cause: error });
      throw error;
    }
  };
  return {
    id: "netforum-pro",
    name: "netFORUM Pro",
    defaultMapping,
    parseMapping,
    async checkUrl(baseUrl) {
      check(baseUrl);
    },
    ...(options.sampleUrl !== undefined && {
      sample: { baseUrl: options.sampleUrl, userName: "lockstep", password: "demo" },
    }),
    open(settings: SessionSettings): Session {
      const url = check(settings.baseUrl);
      return new NetforumSession({
        base: serviceFolder(url),
        userName: settings.userName,
        password: settings.password,
        mapping: parseMapping(settings.mapping),
        http: new Http(options, url.origin === trustedOrigin),
        bounds: { ...defaultBounds, ...options.bounds },
        retries: options.retries ?? 5,
        observer: options.observer,
        monotonicMs: options.monotonicMs,
        sleep: options.sleep,
        random: options.random,
      });
    },
  };
}

/** People paste the address of the site, of the xWeb folder, or of a service in it: all mean the folder. */
function serviceFolder(url: URL): URL {
  const folder = url.pathname.replace(/\/[^/]*\.asmx$/i, "").replace(/\/+$/, "");
  // Not resolved against the host: a path that begins with // would be another host, which nobody has checked.
  const service = new URL(url.origin);
  service.pathname = `${/\/xweb$/i.test(folder) ? folder : `${folder}/xweb`}/`;
  return service;
}
