import type { IncomingMessage, ServerResponse } from "node:http";
import { newJob } from "./messaging-jobs.ts";
import { findPerson } from "./people.ts";
import type { State } from "./state.ts";

/** The stand-in's own knobs, as JSON: what day it is, who is who, which jobs there are, what goes wrong. */
export async function handleAdmin(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  const body = text === "" ? {} : JSON.parse(text);
  if (request.method === "POST" && path === "/admin/day")
    state.people.day = body.day ?? state.people.day + (body.advance ?? 1);
  else if (request.method === "POST" && path === "/admin/jobs") changeJobs(state, body);
  else if (request.method === "POST" && path === "/admin/people") changePerson(state, body);
  else if (request.method === "POST" && path === "/admin/settings") Object.assign(state, body);
  else if (request.method === "POST" && path === "/admin/faults") state.faults.list = body.faults ?? [body];
  else if (request.method === "DELETE" && path === "/admin/faults") state.faults.list = [];
  else if (path === "/admin/writebacks") {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(writtenBack(state)));
    return;
  } else if (request.method !== "GET") {
    response.writeHead(404).end();
    return;
  }
  const { people, jobs, sessions, doNotEmail, callCount, faults } = state;
  const shown = {
    day: people.day,
    members: people.count,
    jobs,
    calls: Object.fromEntries(state.calls),
    callCount,
    signOns: sessions.signOns,
    badPasswords: sessions.badPasswords,
    doNotEmail,
    faults: faults.list,
  };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(shown));
}

/** What was written about each person, by customer key: the flags in order, and the lines of the history. */
function writtenBack({ doNotEmail, activities }: State) {
  const people: Record<string, { flags: string[]; activities: number }> = {};
  for (const { key, flag } of doNotEmail) {
    people[key] ??= { flags: [], activities: activities.get(key)?.length ?? 0 };
    people[key].flags.push(flag);
  }
  return people;
}

function changeJobs(
  state: State,
  body: {
    add?: { name: string; size: number };
    remove?: string;
    rename?: { from: string; to: string };
    resize?: { name: string; size: number };
  },
): void {
  const find = (name: string) => state.jobs.find((job) => job.name === name);
  if (body.add)
    state.jobs.push(
      newJob(state.people, Math.max(-1, ...state.jobs.map((job) => job.number)) + 1, body.add.name, body.add.size),
    );
  if (body.remove !== undefined)
    state.jobs.splice(0, state.jobs.length, ...state.jobs.filter((job) => job.name !== body.remove));
  const renamed = body.rename && find(body.rename.from);
  if (renamed && body.rename) renamed.name = body.rename.to;
  const resized = body.resize && find(body.resize.name);
  if (resized && body.resize) resized.size = Math.min(body.resize.size, state.people.count);
}

function changePerson(state: State, body: { index?: number; key?: string; values: Record<string, string> }): void {
  const index = body.index ?? findPerson(state.people, body.key ?? "");
  if (index < 0) throw new Error(`Nobody in the member file has the key '${body.key}'`);
  state.people.changed.set(index, { ...state.people.changed.get(index), ...body.values });
}
