import { sql } from "kysely";
import { expect, test } from "vitest";
import type { App } from "../../src/app.ts";
import { describeWritebacks, whyWaiting } from "../../src/cli/writebacks-waiting.ts";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { noteWorker } from "../../src/domain/installation/installation.ts";
import { createWorld } from "../harness/world.ts";

test("5.2 whatever keeps writebacks from going out is named to the operator, each with the way out", async () => {
  const world = await createWorld();
  const { own, ctx, query, clock } = world;
  const app = { ctx } as App; // as: only its context is asked
  const why = async () => (await whyWaiting(app, own.ctx)).join("\n");
  expect(await why(), "the world holds the locks of a worker").toBe("");
  await query(sql`update bridge set needs_attention_since = now(), needs_attention_reason = 'Refused.'`);
  expect(await why()).toMatch(/^Refused\. Nothing calls it.*lockstep bridge test.*lockstep bridge set --user/);
  await query(sql`update bridge set needs_attention_since = null, needs_attention_reason = null, failures_in_a_row = 5,
    probe_at = '2030-03-04T09:05Z'`);
  expect(await why()).toContain("tried again at 2030-03-04T09:05:00Z");
  await configureBridge(own.ctx, { isActive: false });
  expect(await why()).toContain("lockstep bridge set --active yes");
  await noteWorker(ctx, "");
  clock.advance({ hours: 25 });
  await noteWorker(ctx, "");
  expect(await why()).toContain("go on with lockstep resume");
});

test("5.2 one line says whether writebacks stand still: due for five minutes, or refused three times", () => {
  const none = { ready: 0, processing: 0, sent: 9, failed: 0, superseded: 0, withdrawn: 0 };
  const now = Temporal.Instant.from("2030-03-04T09:05:00Z");
  const due = (at: string) => ({ counts: { ...none, ready: 2 }, nextDueAt: Temporal.Instant.from(at) });
  expect(describeWritebacks({ counts: none, nextDueAt: null }, now)).toEqual({
    message: "none waits, none has failed",
    isStuck: false,
  });
  expect(describeWritebacks(due("2030-03-04T09:00:01Z"), now)).toEqual({ message: "2 wait", isStuck: false });
  expect(describeWritebacks(due("2030-03-04T09:00:00Z"), now)).toEqual({
    message: "2 wait, the oldest due since 2030-03-04T09:00:00Z",
    isStuck: true,
  });
  expect(describeWritebacks({ counts: { ...none, failed: 1 }, nextDueAt: null }, now)).toMatchObject({
    message: expect.stringContaining("lockstep writebacks retry --all"),
    isStuck: true,
  });
});
