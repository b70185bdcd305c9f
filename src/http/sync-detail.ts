import type { FastifyInstance, FastifyRequest } from "fastify";
import { may } from "../domain/accounts/permissions.rules.ts";

/**
 * Leaves out of every answer what only those who look after a bridge may see of a failed sync: the text that came from
 * the AMS, which nobody has vetted. Held here for all routes, so that none can forget it.
 */
export function hideSyncDetail(api: FastifyInstance): void {
  api.addHook("preSerialization", async (request, _, payload) => withoutHiddenDetail(request, payload));
}

/** The same value, without the details that this caller may not see. */
export function withoutHiddenDetail<T>(request: FastifyRequest, value: T): T {
  if (request.rights && may(request.rights, "syncs:read-detail")) return value;
  return withoutDetail(value) as T; // as: only a text became null
}

function withoutDetail(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDetail);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([name, part]) => [name, name === "errorDetail" ? null : withoutDetail(part)]));
}
