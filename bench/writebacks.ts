import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { Pool } from "undici";
import type { LockstepProcess, startSimulatorProcess } from "./processes.ts";

type Simulator = Awaited<ReturnType<typeof startSimulatorProcess>>;

/** Each is two calls: the flag, and the line in the history. */
export const callsEach = 2;
/** Of every hundred calls, so many meet each of four faults: no answer, one lost behind the change, a refusal, an old token. */
const percentOfEach = 1.25;

/** The limit: as many conversations, each call after the other's answer, with nothing behind them. @returns calls a second */
export async function measureCalls(url: string, sessions: number, seconds: number): Promise<number> {
  const pool = new Pool(url, { connections: sessions, pipelining: 1 });
  const end = performance.now() + seconds * 1000;
  let calls = 0;
  const converse = async () => {
    for (; performance.now() < end; calls += 1) {
      const answer = await pool.request({
        path: "/xweb/netFORUMXMLOnDemand.asmx",
        method: "POST",
        headers: { "content-type": "text/xml", soapaction: '"http://www.avectra.com/OnDemand/2005/TestConnection"' },
        body: "<a><Token>none</Token></a>",
      });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: sessions }, converse));
  await pool.close();
  return calls / seconds;
}

/** However slow the machine, each takes less: a bench that stands still ends. */
const longestMsEach = 40;

/** Lets a running program write so many people back. @returns people a second, until nine in ten are sent */
export async function sendBack(
  app: LockstepProcess,
  simulator: Simulator,
  dataDir: string,
  people: number,
): Promise<number> {
  const client = new pg.Client({ host: join(dataDir, "postgres", "socket"), user: "postgres", database: "lockstep" });
  await client.connect();
  // A day on, so that nothing goes before it is asked for; then all at once.
  const { rowCount } = await client.query(
    `insert into writeback (account_id, bridge_id, remote_id, subscriber_id, email, type, decided_at, reason, due_at)
     select s.account_id, b.id, s.remote_id, s.id, s.email, 'unsubscribe', now(), 'too many mails', now() + interval '1 day'
     from subscriber s join bridge b on b.account_id = s.account_id where s.standing = 'sendable' limit $1`,
    [people],
  );
  if (rowCount !== people) throw new Error(`only ${rowCount} people may be written back`);
  await client.query("analyze writeback");
  const share = { percent: percentOfEach };
  await simulator.admin("/faults", {
    faults: [
      { kind: "status", value: 503, ...share },
      { kind: "reset", ...share },
      { kind: "fault", text: "The record is locked.", ...share },
      { kind: "expired_token", ...share },
    ],
  });
  const sent = async () =>
    Number((await client.query("select count(*) from writeback where state = 'sent'")).rows[0].count);
  const began = performance.now();
  await app.api("POST", "/writebacks/send");
  const before = await firstSent(sent);
  const start = performance.now();
  for (;;) {
    const now = await sent();
    if (now >= 0.9 * people) {
      await client.end();
      await simulator.admin("/faults", { faults: [] });
      return (now - before) / ((performance.now() - start) / 1000);
    }
    const seconds = (performance.now() - began) / 1000;
    if (seconds > 60 + (people * longestMsEach) / 1000) throw new Error(`only ${now} were sent in ${seconds} s`);
    await wait(250);
  }
}

/** Signing in and the job's start are behind it: what is measured is the way, not its beginning. */
async function firstSent(sent: () => Promise<number>): Promise<number> {
  for (;;) {
    const now = await sent();
    if (now > 0) return now;
    await wait(20);
  }
}

/** What the AMS was told, by its own book: people whose flag was set more than once, or whose line stands twice. */
export async function countTwice(url: string): Promise<number> {
  const people = (await (await fetch(`${url}/admin/writebacks`)).json()) as Record<
    string,
    { flags: string[]; activities: number }
  >;
  return Object.values(people).filter(({ flags, activities }) => flags.length > 1 || activities > 1).length;
}
