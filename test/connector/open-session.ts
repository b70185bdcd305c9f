import { setImmediate as nextTurn } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/simulator.ts";
import type {
  FieldName,
  Individual,
  IndividualPage,
  QueryKey,
  Session,
  SessionSettings,
} from "../../src/connectors/connector.ts";
import { createNetforumProConnector, type NetforumProOptions } from "../../src/connectors/netforum-pro/connector.ts";
import { must } from "../../src/platform/errors.ts";

export interface OpenSession {
  readonly session: Session;
  /** Milliseconds of each wait before another try; nobody waits really. */
  readonly sleeps: number[];
  /** What was told of each call: `GetQuery ok`. */
  readonly calls: string[];
}

export type SessionOptions = Partial<NetforumProOptions> & Partial<SessionSettings>;

/** A session of the real connector with little patience; it is closed at the test's end. */
export function openSession(baseUrl: string, options: SessionOptions = {}): OpenSession {
  const sleeps: number[] = [];
  const calls: string[] = [];
  const connector = createNetforumProConnector({
    allowPrivateAddresses: true,
    connectTimeoutMs: 2000,
    firstByteTimeoutMs: 400,
    idleTimeoutMs: 400,
    totalTimeoutMs: 20_000,
    observer: { call: ({ operation, outcome }) => calls.push(`${operation} ${outcome}`) },
    now: () => Temporal.Now.instant(),
    monotonicMs: () => performance.now(),
    random: () => 0.5,
    async sleep(milliseconds, signal) {
      sleeps.push(milliseconds);
      await nextTurn();
      signal.throwIfAborted();
    },
    ...options,
  });
  const { userName = "lockstep", password = "demo", mapping = null } = options;
  const session = connector.open({ baseUrl, userName, password, mapping });
  onTestFinished(() => session[Symbol.asyncDispose]());
  return { session, sleeps, calls };
}

/** The stand-in with one query of 300 people; it is stopped at the test's end. */
export async function startAms(options: SimulatorOptions = {}): Promise<Simulator & { readonly query: QueryKey }> {
  const simulator = await startSimulator({ members: 300, jobs: [{ name: "Everybody", size: 300 }], ...options });
  onTestFinished(() => simulator.close());
  return { ...simulator, query: must(simulator.state.jobs[0], "there is a query").key as QueryKey };
}

export const fields = ["ind_first_name", "ind_last_name", "org_name"] as FieldName[];
export const never = new AbortController().signal;

export function readPages(session: Session, query: QueryKey, signal = never): AsyncIterable<IndividualPage> {
  return session.readIndividuals(query, fields, { signal });
}

export async function readAll(session: Session, query: QueryKey, signal = never): Promise<Individual[]> {
  const all: Individual[] = [];
  for await (const { individuals } of readPages(session, query, signal)) all.push(...individuals);
  return all;
}
