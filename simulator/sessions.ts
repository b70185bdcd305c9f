import { randomUUID } from "node:crypto";

/** Signed-on conversations: each holds the one token that its next call must bring. */
export class Sessions {
  readonly #live = new Map<string, number>();
  readonly #credentials: { readonly userName: string; readonly password: string };
  readonly #lifetimeMs: number;
  #badPasswords = 0;
  signOns = 0;

  constructor(credentials: { userName: string; password: string }, lifetimeMs: number) {
    this.#credentials = credentials;
    this.#lifetimeMs = lifetimeMs;
  }

  get active(): number {
    return this.#live.size;
  }

  get badPasswords(): number {
    return this.#badPasswords;
  }

  /** @returns the first token, or why not; 25 wrong passwords lock the account */
  signOn(userName: string, password: string): { token: string } | { fault: string } {
    if (this.#badPasswords >= 25) return { fault: "Invalid Credentials Supplied: the account is locked" };
    if (userName !== this.#credentials.userName || password !== this.#credentials.password) {
      this.#badPasswords += 1;
      return { fault: "Invalid Credentials Supplied" };
    }
    this.#badPasswords = 0;
    this.signOns += 1;
    return { token: this.#issue() };
  }

  /** Uses up a token. @returns the one for the next call, or undefined: `Invalid Token Value` */
  rotate(token: string): string | undefined {
    const until = this.#live.get(token);
    this.#live.delete(token);
    return until !== undefined && until > Date.now() ? this.#issue() : undefined;
  }

  expireAll(): void {
    this.#live.clear();
  }

  #issue(): string {
    const token = randomUUID();
    this.#live.set(token, Date.now() + this.#lifetimeMs);
    return token;
  }
}
