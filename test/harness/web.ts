import { Secret, TOTP } from "otpauth";
import { request } from "undici";
import type { AccountId } from "../../src/domain/accounts/account.ts";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import type { Role } from "../../src/domain/accounts/permissions.rules.ts";
import type { User } from "../../src/domain/accounts/user.ts";
import type { Config } from "../../src/platform/config.ts";
import { must } from "../../src/platform/errors.ts";
import { startServer } from "./api.ts";
import type { World } from "./world.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects of a body
  readonly body: any;
}

export interface Person {
  readonly user: User;
  readonly password: string;
}

export interface Web {
  readonly url: string;
  /** A browser without cookies. */
  browser(): Browser;
  /** A browser of somebody who has just signed in, the second factor included. */
  signIn(person: Person): Promise<Browser>;
  /** A user with a password: of the account given, else of the world's own; `null` makes staff. */
  person(role: Role | null, accountId?: AccountId): Promise<Person>;
  close(): Promise<void>;
}

/** The world's real HTTP server on a port of its own, closed at the test's end. */
export async function openWeb(world: World, settings: Partial<Record<keyof Config, string>> = {}): Promise<Web> {
  const { url, close } = await startServer(world, settings);
  let people = 0;
  const web: Web = {
    url,
    browser: () => new Browser(url, world),
    close,
    async person(role, accountId = world.own.ctx.accountId) {
      people += 1;
      const name = `${role ?? "Staff"} Number${people}`;
      const email = `${role ?? "staff"}.${people}@example.org`;
      return createUser(world.ctx, { email, name, role, accountId: role === null ? null : accountId }, "test");
    },
    async signIn(person) {
      const browser = web.browser();
      await browser.signIn(person);
      if (person.user.accountId === null) await browser.enrol();
      return browser;
    },
  };
  return web;
}

/** What a browser does with requests: keeps cookies, and says where a request comes from. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #url: string;
  readonly #world: World;
  #totp: TOTP | undefined;

  constructor(url: string, world: World) {
    this.#url = url;
    this.#world = world;
  }

  get = (path: string, headers: Record<string, string> = {}) => this.send("GET", path, undefined, headers);
  post = (path: string, body?: unknown, headers: Record<string, string> = {}) => this.send("POST", path, body, headers);

  /** A stream to its end: of one that ends by itself. */
  stream = (path: string) => this.send("GET", path, undefined, {}, true);

  /** @param headers take the place of what a browser would say; an empty one is left out */
  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    readsStream = false,
  ): Promise<Answer> {
    const all: Record<string, string> = {
      "sec-fetch-site": "same-origin",
      origin: this.#url,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(this.cookies.size > 0 && { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") }),
      ...headers,
    };
    const said = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ""));
    const answer = await request(this.#url + path, {
      method: method as "GET",
      headers: said,
      body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body),
    });
    this.#keep(answer.headers["set-cookie"]);
    const type = String(answer.headers["content-type"]);
    // A stream would go on for ever: whoever wants more than its beginning reads it themselves.
    if (type.startsWith("text/event-stream") && !readsStream) answer.body.on("error", () => {}).destroy();
    const text = answer.body.destroyed ? "" : await answer.body.text();
    const isJson = /json/.test(type);
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }

  signIn({ user, password }: Person): Promise<Answer> {
    return this.post("/api/v1/session", { email: user.email, password });
  }

  /** Sets up a second factor. @returns the recovery codes */
  async enrol(): Promise<readonly string[]> {
    const { body } = await this.post("/api/v1/me/second-factor");
    this.#totp = new TOTP({ secret: Secret.fromBase32(body.secret) });
    const confirmed = await this.post("/api/v1/me/second-factor/confirm", { code: this.code() });
    return confirmed.body.recoveryCodes;
  }

  /** The authenticator's code now. */
  code(): string {
    const timestamp = this.#world.clock.now().epochMilliseconds;
    return must(this.#totp, "the browser's person has a second factor").generate({ timestamp });
  }

  #keep(header: string | string[] | undefined): void {
    for (const line of [header ?? []].flat()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === "" || /expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}
