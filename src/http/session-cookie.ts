import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../platform/config.ts";

const sessionDays = 7;
const deviceDays = 365;

/** The two cookies: who is signed in, and which browser has signed in before. */
export interface Cookies {
  session(request: FastifyRequest): string | undefined;
  device(request: FastifyRequest): string | undefined;
  setSession(reply: FastifyReply, token: string): void;
  setDevice(reply: FastifyReply, mark: string): void;
  clearSession(reply: FastifyReply): void;
}

/** Over https the names begin with `__Host-`: browsers then keep them to this host, whole and secure. */
export function createCookies({ baseUrl }: Pick<Config, "baseUrl">): Cookies {
  const secure = baseUrl?.startsWith("https:") ?? false;
  const prefix = secure ? "__Host-" : "";
  const [session, device] = [`${prefix}lockstep`, `${prefix}lockstep-device`];
  const flags = { path: "/", httpOnly: true, sameSite: "lax", secure } as const;
  const seconds = (days: number) => days * 24 * 3600;
  return {
    session: ({ cookies }) => cookies[session],
    device: ({ cookies }) => cookies[device],
    setSession: (reply, token) => void reply.setCookie(session, token, { ...flags, maxAge: seconds(sessionDays) }),
    setDevice: (reply, mark) => void reply.setCookie(device, mark, { ...flags, maxAge: seconds(deviceDays) }),
    clearSession: (reply) => void reply.clearCookie(session, flags),
  };
}
