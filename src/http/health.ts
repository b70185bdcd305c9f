import { timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Gauge } from "prom-client";
import type { App } from "../app.ts";
import { measureQueue } from "../domain/syncs/queue.ts";
import { findLastVerification } from "../domain/syncs/verify-nightly.ts";
import { measureWritebacks } from "../domain/writebacks/measure-writebacks.ts";
import { describeError } from "../platform/errors.ts";

/** Liveness, readiness and metrics: for machines, without an account. */
export async function healthRoutes(server: FastifyInstance, { app }: { app: App }): Promise<void> {
  const { ctx } = app;
  let isStopping = false;
  server.addHook("preClose", async () => {
    isStopping = true;
  });
  const hidden = { schema: { hide: true } };
  server.get("/health/live", hidden, async () => ({ status: "live" }));
  server.get("/health/ready", hidden, async (_, reply) => {
    if (isStopping) return reply.code(503).send({ status: "stopping" });
    try {
      await ctx.db.ping();
      return { status: "ready" };
    } catch (error) {
      ctx.log.warn({ reason: describeError(error) }, "not ready: the database does not answer");
      return reply.code(503).send({ status: "not ready", reason: "the database does not answer" });
    }
  });
  registerGauges(app);
  server.get("/metrics", hidden, async (request, reply) => {
    if (!mayRead(app, request)) return reply.code(404).send();
    return reply.type(ctx.metrics.contentType).send(await ctx.metrics.metrics());
  });
}

function registerGauges({ ctx }: App): void {
  new Gauge({
    name: "lockstep_syncs_open",
    help: "Syncs that wait, run or are held",
    labelNames: ["state"],
    registers: [ctx.metrics],
    async collect() {
      const queue = await measureQueue(ctx);
      this.reset();
      for (const { state, syncs } of queue.states) this.set({ state }, syncs);
      oldest.set(queue.oldestSeconds);
    },
  });
  const oldest = new Gauge({
    name: "lockstep_sync_oldest_waiting_seconds",
    help: "Age of the sync that has waited longest",
    registers: [ctx.metrics],
  });
  new Gauge({
    name: "lockstep_writebacks_open",
    help: "Writebacks that wait, are under way or have failed",
    labelNames: ["state"],
    registers: [ctx.metrics],
    async collect() {
      const measured = await measureWritebacks(ctx);
      for (const [state, count] of Object.entries(measured.states)) this.set({ state }, count);
      oldestDue.set(measured.oldestDueSeconds);
    },
  });
  const oldestDue = new Gauge({
    name: "lockstep_writeback_oldest_due_seconds",
    help: "For how long the writeback that has been due longest waits",
    registers: [ctx.metrics],
  });
  new Gauge({
    name: "lockstep_verify_findings",
    help: "Rules of the data that the last nightly check found broken, by row",
    registers: [ctx.metrics],
    async collect() {
      const last = await findLastVerification(ctx);
      this.set(last?.findings.length ?? 0);
      lookedAt.set(last ? last.finishedAt.epochMilliseconds / 1000 : 0);
    },
  });
  const lookedAt = new Gauge({
    name: "lockstep_verify_last_seconds",
    help: "When the last nightly check of the data ended, in seconds since 1970; 0 before the first",
    registers: [ctx.metrics],
  });
  new Gauge({
    name: "lockstep_database_connections",
    help: "Connections of this process's pool",
    labelNames: ["state"],
    registers: [ctx.metrics],
    collect() {
      for (const [state, count] of Object.entries(ctx.db.connections)) this.set({ state }, count);
    },
  });
}

/** With a token set, whoever has it; without one, this machine only. */
function mayRead({ config }: App, request: FastifyRequest): boolean {
  if (config.metricsToken === undefined)
    return ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(request.socket.remoteAddress ?? "");
  const given = Buffer.from(request.headers.authorization ?? "");
  const wanted = Buffer.from(`Bearer ${config.metricsToken}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
