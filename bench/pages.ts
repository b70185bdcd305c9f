import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { type LockstepProcess, lockstep, percentile } from "./processes.ts";

/** Puts an account as large as the pages must bear behind a data folder whose program runs. */
export async function seedPages(dataDir: string, people: number): Promise<void> {
  const host = join(dataDir, "postgres", "socket");
  const client = new pg.Client({ host, user: "postgres", database: "lockstep" });
  await client.connect();
  const text = readFileSync(join(import.meta.dirname, "pages-data.sql"), "utf8");
  await client.query(text.replaceAll(":people", String(people)));
  await client.end();
}

/** What a page asks of a large account: a name, and the paths of which each round asks one. */
export interface Question {
  readonly name: string;
  readonly barMs: number;
  readonly paths: readonly string[];
}

/** @param big the group that everybody is in; @param person somebody of it */
export function pageQuestions(big: string, person: number): readonly Question[] {
  const under = (name: string, barMs: number, ...paths: string[]): Question => ({ name, barMs, paths });
  const group = `/target-groups/${big}`;
  const sorts = ["name", "-sendable", "total", "-counted_at", "-last_used_at"];
  const words = ["margaret", "nguy", "mar lop", "p777", "zoe", "example.org", "o'neil", "p77777", "nobodyatall", "gar"];
  return [
    under("target group list", 100, ...sorts.map((sort) => `/target-groups?limit=200&sort=${sort}`)),
    under("target group list, searched", 100, "/target-groups?search=chapter+9", "/target-groups?search=COMMITTEE"),
    under("folders", 100, "/folders"),
    under("Count Details", 100, group),
    under("size over time", 100, `${group}/history`),
    under("where used, nightly verdict", 100, `${group}/used-in`, `${group}/nightly`),
    under(
      "members and rejected rows of a step",
      100,
      `${group}/members`,
      `${group}/members?standing=do_not_email`,
      `${group}/members?standing=bad_email`,
      `${group}/rejected-rows?step=unusable`,
      `${group}/rejected-rows?step=duplicate`,
    ),
    under("why not Maria", 200, `${group}/why?subscriberId=${person}`, `${group}/why?search=p777.muller`),
    under("Home", 100, "/home"),
    under(
      "list of syncs",
      100,
      "/syncs",
      "/syncs?state=failed&state=held",
      "/syncs?kind=list",
      "/syncs?trigger=resync",
      `/syncs?groupId=${big}`,
      `/syncs?subscriberId=${person}`,
    ),
    under(
      "Writeback List",
      100,
      "/writebacks/summary",
      "/writebacks",
      "/writebacks?state=failed",
      "/writebacks?state=ready",
    ),
    under("one person", 100, `/subscribers/${person}`, `/subscribers/${person}/history`),
    under("search for people", 200, ...words.map((word) => `/subscribers?search=${encodeURIComponent(word)}`)),
    under("search among members", 200, ...words.map((word) => `${group}/members?search=${encodeURIComponent(word)}`)),
  ];
}

/** Asks each path in turn. @returns the 95th percentile in ms, and the slowest path's own median */
export async function ask(app: LockstepProcess, { paths }: Question, rounds: number) {
  const times = new Map(paths.map((path) => [path, [] as number[]]));
  for (const path of paths) await app.api("GET", path);
  for (let round = 0; round < rounds; round += 1) {
    for (const [path, own] of times) {
      const began = performance.now();
      await app.api("GET", path);
      own.push(performance.now() - began);
    }
  }
  const medians = [...times].map(([path, own]) => ({ path, ms: percentile(own, 0.5) }));
  const slowest = medians.sort((left, right) => right.ms - left.ms)[0];
  return { p95: percentile([...times.values()].flat(), 0.95), slowest };
}

/** A user to sign in as, again and again; fewer times than a network address may knock. */
export function makeUser(dataDir: string): { readonly email: string; readonly password: string } {
  const email = "bench@example.org";
  const made = lockstep(dataDir, "user", "create", email, "--name", "Bench", "--role", "viewer", "--json");
  return { email, password: JSON.parse(made).password };
}

async function signIn(app: LockstepProcess, user: { readonly email: string; readonly password: string }) {
  const reply = await fetch(`${app.url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
    body: JSON.stringify(user),
  });
  if (!reply.ok) throw new Error(`a sign-in was answered ${reply.status}`);
  return reply;
}

/** @returns the session's cookie, as `name=value` */
export async function sessionOf(app: LockstepProcess, dataDir: string): Promise<string> {
  const [cookie = ""] = (await signIn(app, makeUser(dataDir))).headers.getSetCookie();
  return cookie.split(";")[0] ?? "";
}

/** Signs in every half second until told to stop, at most 80 times. @returns the 95th percentile in ms */
export function watchSignIns(app: LockstepProcess, user: { readonly email: string; readonly password: string }) {
  const times: number[] = [];
  let isOn = true;
  const loop = (async () => {
    while (isOn && times.length < 80) {
      const began = performance.now();
      await signIn(app, user);
      times.push(performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  return async () => {
    isOn = false;
    await loop;
    return percentile(times, 0.95);
  };
}
