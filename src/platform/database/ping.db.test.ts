import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDatabase, type ServerConfig } from "../../../test/harness/postgres.ts";
import { Database } from "./database.ts";

/** Stands before the database; once silenced, it takes everything and passes nothing on, as a dead network does. */
async function startProxy(database: ServerConfig) {
  const sockets = new Set<Socket>();
  const proxy = { isSilent: false, port: 0 };
  const server = createServer((near) => {
    const far =
      "connectionString" in database
        ? connect(urlOf(database.connectionString))
        : connect(join(String(database.host), ".s.PGSQL.5432"));
    for (const socket of [near, far]) sockets.add(socket.on("error", () => {}));
    near.on("data", (bytes) => proxy.isSilent || far.write(bytes));
    far.on("data", (bytes) => proxy.isSilent || near.write(bytes));
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}

function urlOf(text: string): { host: string; port: number } {
  const { hostname, port } = new URL(text);
  return { host: hostname, port: Number(port || 5432) };
}

async function openThroughProxy(max: number) {
  const own = await createDatabase();
  onTestFinished(() => own[Symbol.asyncDispose]());
  const proxy = await startProxy(own.config);
  const there = "connectionString" in own.config ? { connectionString: own.config.connectionString } : own.config;
  const database = new Database({ ...there, host: "127.0.0.1", port: proxy.port, max } as never, () => {});
  return { proxy, database };
}

test("1.2 a database that says nothing any more is told within seconds, over an open connection and a new one", async () => {
  const { proxy, database } = await openThroughProxy(1);
  await database.ping();
  proxy.isSilent = true;
  for (let ask = 0; ask < 3; ask += 1) {
    const began = performance.now();
    await expect(database.ping()).rejects.toThrow(/does not answer|timeout/);
    expect(performance.now() - began).toBeLessThan(4000);
  }
  // Those who ask don't queue up behind one another.
  expect(database.connections.waiting).toBeLessThan(3);
  proxy.isSilent = false;
  await expect.poll(() => database.ping().then(() => "well", String), { timeout: 20_000 }).toBe("well");
  await database.close();
});
