import { randomBytes } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

/** How the run's server is reached: plain values, since they travel to the test processes. */
export type ServerConfig =
  | { readonly connectionString: string }
  | { readonly host: string; readonly user: string; readonly database: string };

declare module "vitest" {
  interface ProvidedContext {
    server: ServerConfig;
    template: string;
  }
}

/** The same server, another database. */
export function toDatabase(server: ServerConfig, database: string): ServerConfig {
  if (!("connectionString" in server)) return { ...server, database };
  const url = new URL(server.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.href };
}

/** Runs something with a connection to the server's own database. */
export async function onServer<T>(server: ServerConfig, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export interface TestDatabase extends AsyncDisposable {
  readonly config: ServerConfig;
}

/**
 * A database of the test's own, cloned from the migrated template (`empty`: from PostgreSQL's).
 * Disposing drops it, and throws when something still holds a connection to it: a leak.
 */
export async function createDatabase(kind: "migrated" | "empty" = "migrated"): Promise<TestDatabase> {
  const server = inject("server");
  const name = `lockstep_test_${randomBytes(8).toString("hex")}`;
  const template = kind === "empty" ? "template1" : inject("template");
  await onServer(server, (client) => client.query(`create database ${name} template ${template}`));
  return {
    config: toDatabase(server, name),
    async [Symbol.asyncDispose]() {
      await onServer(server, (client) => client.query(`drop database ${name}`));
    },
  };
}
