import { execFile } from "node:child_process";
import { chmod, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrationsDirectory } from "../../src/app.ts";
import { startEmbedded } from "../../src/platform/database/embedded.ts";
import { migrate } from "../../src/platform/database/migrate.ts";
import { migrateJobs } from "../../src/platform/jobs.ts";
import { onServer, type ServerConfig, toDatabase } from "./postgres.ts";

/**
 * One PostgreSQL for the whole run, with a migrated template that each test's database is cloned from: an embedded one
 * in a temporary folder, or the one of LOCKSTEP_TEST_DATABASE_URL, whose user may create databases and roles.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const forget = await keepCompiled();
  const { server, stop } = await openServer(process.env.LOCKSTEP_TEST_DATABASE_URL);
  try {
    const template = `lockstep_test_template_${process.pid}`;
    await onServer(server, (client) => client.query(`create database ${template}`));
    await migrate(toDatabase(server, template), migrationsDirectory);
    await migrateJobs(toDatabase(server, template));
    project.provide("server", server);
    project.provide("template", template);
    return async () => {
      await onServer(server, (client) => client.query(`drop database ${template}`));
      await stop();
      await forget();
    };
  } catch (error) {
    await stop();
    await forget();
    throw error;
  }
}

async function openServer(url: string | undefined): Promise<{ server: ServerConfig; stop: () => Promise<void> }> {
  if (url !== undefined) return { server: { connectionString: url }, stop: async () => {} };
  const folder = await realpath(await mkdtemp(join(tmpdir(), "lockstep-test-")));
  await chmod(folder, 0o755); // started as root, the server runs as somebody else
  const embedded = await startEmbedded(folder);
  const { host = "", user = "", database = "" } = embedded.config;
  const server = { host, user, database };
  await hurry(server);
  return {
    server,
    async stop() {
      await embedded.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * The program is started some hundred times in a run, and most of a start is reading its TypeScript and its libraries:
 * what Node has made of them is kept from the first start on, for this run alone.
 */
async function keepCompiled(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-compiled-"));
  process.env.NODE_COMPILE_CACHE = folder;
  // Written when a process exits by itself: one that is killed leaves nothing.
  await promisify(execFile)(join(import.meta.dirname, "..", "..", "bin", "lockstep"), ["--version"]);
  // A process that just ends may write into it still.
  return () => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

/** Tests need no durability: nobody pulls this server's plug. */
async function hurry(server: ServerConfig): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  for (const setting of ["fsync", "full_page_writes", "synchronous_commit"]) {
    await client.query(`alter system set ${setting} = off`);
  }
  await client.query("select pg_reload_conf()");
  await client.end();
}
