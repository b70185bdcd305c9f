import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../platform/config.ts";

const sessionDays = 7;
const deviceDays = 365;
const attemptSeconds = 600;

/** The cookies: who is signed in, which browser has signed in before, and a sign-in that is at a provider. */
export interface Cookies {
  session(request: FastifyRequest): string | undefined;
  device(request: FastifyRequest): string | undefined;
  setSession(reply: FastifyReply, token: string): void;
  setDevice(reply: FastifyReply, mark: string): void;
  clearSession(reply: FastifyReply): void;
  /** What a sign-in at a provider is recognised by when it comes back. */
  attempt(request: FastifyRequest): string | undefined;
  setAttempt(reply: FastifyReply, sealed: string): void;
  clearAttempt(reply: FastifyReply): void;
}

/** Over https the names begin with `__Host-`: browsers then keep them to this host, whole and secure. */
export function createCookies({ baseUrl }: Pick<Config, "baseUrl">): Cookies {
  const secure = baseUrl?.startsWith("https:") ?? false;
  const prefix = secure ? "__Host-" : "";
  const [session, device, attempt] = [`${prefix}lockstep`, `${prefix}lockstep-device`, `${prefix}lockstep-attempt`];
  const flags = { path: "/", httpOnly: true, sameSite: "lax", secure } as const;
  const seconds = (days: number) => days * 24 * 3600;
  return {
    session: ({ cookies }) => cookies[session],
    device: ({ cookies }) => cookies[device],
    setSession: (reply, token) => void reply.setCookie(session, token, { ...flags, maxAge: seconds(sessionDays) }),
    setDevice: (reply, mark) => void reply.setCookie(device, mark, { ...flags, maxAge: seconds(deviceDays) }),
    attempt: ({ cookies }) => cookies[attempt],
    setAttempt: (reply, sealed) => void reply.setCookie(attempt, sealed, { ...flags, maxAge: attemptSeconds }),
    clearAttempt: (reply) => void reply.clearCookie(attempt, flags),
    clearSession: (reply) => void reply.clearCookie(session, flags),
  };
}
