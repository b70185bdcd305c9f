import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { expect, onTestFinished } from "vitest";
import type { Catcher } from "../../catcher/catcher.ts";
import type { RecipientState } from "../../src/domain/mailings/recipient.ts";
import { startTestCatcher } from "../harness/relay.ts";
import { createSending, many, type Sending } from "../harness/sending.ts";
import { startWorkerProcess, type WorkerProcess } from "../harness/worker-process.ts";
import { createWorld, type World } from "../harness/world.ts";

export interface DeliveryWorld {
  readonly world: World;
  readonly catcher: Catcher;
  readonly sending: Sending;
  start(crashAt?: string): WorkerProcess;
}

/** An instance to be sent by workers that are processes of their own, to a mail server that outlives them. */
export async function createDeliveryWorld(people: number, name = "person"): Promise<DeliveryWorld> {
  const catcher = await startTestCatcher();
  const world = await createWorld({ startsAt: new Date(Date.now() - 60_000).toISOString() });
  const sending = await createSending(world, many(people, name));
  const started: WorkerProcess[] = [];
  onTestFinished(async () => {
    await Promise.all(started.map((worker) => worker.kill()));
  });
  return {
    world,
    catcher,
    sending,
    start(crashAt) {
      const worker = startWorkerProcess(world.database, crashAt, { LOCKSTEP_SMTP_URL: catcher.smtpUrl });
      started.push(worker);
      return worker;
    },
  };
}

export async function untilSent({ sending }: DeliveryWorld, seconds = 60): Promise<void> {
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await wait(50))
    if ((await sending.state()).state === "sent") return;
  throw new Error(`not sent: ${JSON.stringify([await sending.state(), await sending.counts()])}`);
}

/**
 * Judges by the mail server's own file: nobody is lost, nobody got it twice, who is `sent` got it, and who is `unsure`
 * got it or not. (reliability 1.2)
 */
export async function expectOnceEach({ world, catcher, sending }: DeliveryWorld): Promise<{ readonly unsure: number }> {
  const times = new Map<string, number>();
  for (const { to } of catcher.mails.mails) times.set(to[0] ?? "", (times.get(to[0] ?? "") ?? 0) + 1);
  const rows = await world.query(sql<{ email: string; state: RecipientState }>`
    select email, state from recipient where instance_id = ${sending.id}`);
  const wrong = rows.filter(({ email, state }) => {
    const caught = times.get(email) ?? 0;
    return !(state === "sent" ? caught === 1 : state === "unsure" && caught <= 1);
  });
  expect(wrong).toEqual([]);
  expect([...times.keys()].filter((email) => !rows.some((row) => row.email === email))).toEqual([]);
  return { unsure: rows.filter(({ state }) => state === "unsure").length };
}
