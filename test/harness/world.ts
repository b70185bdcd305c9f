import { type RawBuilder, sql } from "kysely";
import { onTestFinished } from "vitest";
import type { Fault, FaultKind } from "../../simulator/faults.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../simulator/simulator.ts";
import { createNetforumProConnector, type NetforumProOptions } from "../../src/connectors/netforum-pro/connector.ts";
import type { AccountId } from "../../src/domain/accounts/account.ts";
import { createAccount } from "../../src/domain/accounts/create-account.ts";
import type { Bridge, BridgeId } from "../../src/domain/bridges/bridge.ts";
import { type BridgeInput, configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { findBridge } from "../../src/domain/bridges/get-bridge.ts";
import { SessionPool } from "../../src/domain/bridges/session-pool.ts";
import { type AccountContext, type Context, inAccount } from "../../src/domain/context.ts";
import { registerResponseMetrics } from "../../src/domain/mailings/responses/response-metrics.ts";
import { findSync } from "../../src/domain/syncs/find-syncs.ts";
import { requestListSync, requestSubscriberSync, type SyncAnswer } from "../../src/domain/syncs/request-sync.ts";
import { isEnded, type Sync, type SyncId, type Trigger } from "../../src/domain/syncs/sync.ts";
import { registerSyncMetrics } from "../../src/domain/syncs/sync-metrics.ts";
import { workOnBridge } from "../../src/domain/syncs/work-on-bridge.ts";
import { listTargetGroups } from "../../src/domain/target-groups/get-target-group.ts";
import type { TargetGroup } from "../../src/domain/target-groups/target-group.ts";
import { CallOut, type CallOutOptions } from "../../src/platform/call-out.ts";
import { Database } from "../../src/platform/database/database.ts";
import { createDns } from "../../src/platform/dns.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { createLog, type Log } from "../../src/platform/log.ts";
import type { Mailer } from "../../src/platform/mail/mailer.ts";
import type { Relay } from "../../src/platform/mail/relay.ts";
import { createMetrics } from "../../src/platform/metrics.ts";
import { createOpenId } from "../../src/platform/openid.ts";
import { createSecretBox } from "../../src/platform/secrets.ts";
import { checkInvariants } from "./invariants.ts";
import { createManualClock, type ManualClock } from "./manual-clock.ts";
import { createDatabase, onServer, type ServerConfig } from "./postgres.ts";

export interface AccountOptions {
  readonly simulator?: SimulatorOptions;
  readonly bridge?: BridgeInput;
  readonly timeZone?: string;
}

export interface WorldOptions extends AccountOptions {
  readonly connector?: Partial<NetforumProOptions>;
  /** When the world begins: an instant. */
  readonly startsAt?: string;
  /** How letters leave; nobody sends any without it. */
  readonly mail?: Mailer | null;
  /** What mailings leave by; none leaves without it. */
  readonly relay?: Relay | null;
  /** Where the log goes; nowhere without it. */
  readonly log?: Log;
  /** Name servers: those of `startNameServer`. */
  readonly dnsServers?: readonly string[];
  /** Where webhooks may be; anywhere without it. */
  readonly callOut?: CallOutOptions;
  /** What an operator has set. */
  readonly settings?: Partial<Pick<Context, "publicUrl" | "bounceDomain" | "spfTerm">>;
}

/** One installation with its AMS: the real things, but for the clock. */
export interface World {
  readonly ctx: Context;
  readonly clock: ManualClock;
  readonly database: ServerConfig;
  /** The first account. */
  readonly own: Account;
  /** Another account with a bridge to an AMS of its own. */
  addAccount(options?: AccountOptions): Promise<Account>;
  /** Asks the database past every account. */
  query<Row>(query: RawBuilder<Row>): Promise<readonly Row[]>;
  /** Payloads of the jobs of this name that wait. */
  jobs(name: string): Promise<readonly unknown[]>;
}

/** An account with a configured bridge, and what tests do with it. */
export interface Account {
  readonly ctx: AccountContext;
  readonly simulator: Simulator;
  bridge(): Promise<Bridge>;
  /** Reads the list of target groups. */
  listSync(trigger?: Trigger): Promise<Sync>;
  /** Syncs one group by its name and waits for the end, or until it is held. */
  sync(groupName: string, options?: { readonly trigger?: Trigger; readonly dryRun?: boolean }): Promise<Sync>;
  /** Asks for a sync and lets it wait. */
  request(groupName: string, options?: { readonly trigger?: Trigger; readonly dryRun?: boolean }): Promise<SyncAnswer>;
  /** Takes one waiting sync, as a job would, and runs it to its end. */
  work(signal?: AbortSignal): Promise<void>;
  /** Works until nothing waits that may run. */
  workAll(): Promise<void>;
  /** Works until this sync has ended or is held. */
  workUntilEnded(id: SyncId): Promise<Sync>;
  group(name: string): Promise<TargetGroup>;
  /** Changes columns of one person in the AMS. */
  changePerson(index: number, values: Record<string, string>): void;
  strike(kind: FaultKind, fault?: Partial<Fault>): void;
  heal(): void;
}

/** What credentials are encrypted with, here and in processes that a test starts. */
export const secretKey = Buffer.alloc(32, 7);

/** 300 people, all of them in one group, 60 in another, nobody in the third. */
const defaultSimulator: SimulatorOptions = {
  members: 300,
  jobs: [
    { name: "Everybody", size: 300 },
    { name: "Board", size: 60 },
    { name: "Nobody", size: 0 },
  ],
};

/**
 * Makes a world for the running test. At the test's end its data must keep the product's own rules, and nothing may
 * still hold a connection.
 */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const world = await openWorld(options);
  onTestFinished(async () => {
    try {
      await checkInvariants(world.ctx);
    } finally {
      await world[Symbol.asyncDispose]();
    }
  });
  return world;
}

/** The same for many tests: who opens it checks and closes it. */
export async function openWorld(options: WorldOptions = {}): Promise<World & AsyncDisposable> {
  const database = await createDatabase();
  const clock = createManualClock(options.startsAt ?? "2030-03-04T09:00:00Z");
  const ctx = createContext(database.config, clock, options);
  const liveness = await ctx.db.holdLiveness();
  const processId = newId();
  await liveness.hold(processId);
  const simulators: Simulator[] = [];
  const addAccount = async (own: AccountOptions = {}) => {
    const simulator = await startSimulator({ ...defaultSimulator, ...own.simulator });
    simulators.push(simulator);
    return createTestAccount({ ctx, clock, processId }, simulator, own);
  };
  return {
    ctx,
    clock,
    database: database.config,
    own: await addAccount(options),
    addAccount,
    query: (query) => ctx.db.system(async (tx) => (await query.execute(tx)).rows),
    jobs: (name) => waitingJobs(database.config, name),
    async [Symbol.asyncDispose]() {
      await ctx.sessions.close();
      await ctx.callOut.close();
      await liveness[Symbol.asyncDispose]();
      await ctx.db.close();
      await Promise.all(simulators.map((simulator) => simulator.close()));
      await database[Symbol.asyncDispose]();
    },
  };
}

function createContext(
  database: ServerConfig,
  clock: ManualClock,
  {
    connector = {},
    mail = null,
    relay = null,
    log = createLog("silent"),
    callOut = { allowPrivate: true },
    dnsServers = ["127.0.0.1:9"],
    settings = {},
  }: WorldOptions,
): Context {
  const metrics = createMetrics();
  registerSyncMetrics(metrics);
  registerResponseMetrics(metrics);
  const netforumPro = createNetforumProConnector({
    allowPrivateAddresses: true,
    connectTimeoutMs: 5000,
    firstByteTimeoutMs: 10_000,
    idleTimeoutMs: 10_000,
    totalTimeoutMs: 30_000,
    now: clock.now,
    monotonicMs: clock.monotonicMs,
    sleep: clock.sleep,
    random: clock.random,
    ...connector,
  });
  return {
    db: new Database({ ...database, max: 8 }, () => {}),
    clock,
    log,
    metrics,
    secrets: createSecretBox(secretKey),
    connectors: new Map([[netforumPro.id, netforumPro]]),
    sessions: new SessionPool(),
    openId: createOpenId({ allowPrivate: true }),
    // Nobody listens there: a test that looks into DNS brings a name server.
    dns: createDns({ servers: dnsServers, timeoutMs: 500, tries: 2 }),
    callOut: new CallOut(callOut),
    mail,
    relay,
    baseUrl: "http://127.0.0.1:8080",
    publicUrl: "http://127.0.0.1:8080",
    bounceDomain: null,
    spfTerm: null,
    ...settings,
  };
}

/** One database at work, and a process of it. */
export interface House {
  readonly ctx: Context;
  readonly clock: ManualClock;
  readonly processId: string;
}

async function createTestAccount(
  { ctx: house, clock, processId }: House,
  simulator: Simulator,
  options: AccountOptions,
): Promise<Account> {
  const { id } = await createAccount(house, "Association of Tests", options.timeZone ?? "UTC", "test");
  const ctx = inAccount(house, id, "test");
  const { id: bridgeId } = await configureBridge(ctx, {
    baseUrl: simulator.url,
    userName: "lockstep",
    password: "demo",
    ...options.bridge,
  });
  return actIn({ ctx: house, clock, processId }, simulator, id, bridgeId);
}

/** What tests do with an account that is there. */
export function actIn(
  { ctx: house, clock, processId }: House,
  simulator: Simulator,
  id: AccountId,
  bridgeId: BridgeId,
): Account {
  const ctx = inAccount(house, id, "test");
  const group = async (name: string): Promise<TargetGroup> => {
    const page = await listTargetGroups(ctx, { search: name, sort: "name", limit: 100 });
    const found = page.find((entry) => entry.group.name === name);
    return must(found, `there is a target group '${name}'`).group;
  };
  const run = (signal: AbortSignal) => workOnBridge(ctx, bridgeId, { signal, processId });
  const account: Account = {
    ctx,
    simulator,
    group,
    async bridge() {
      return must(await findBridge(ctx), "the account has a bridge");
    },
    async request(groupName, { trigger = "resync", dryRun = false } = {}) {
      clock.advance({ seconds: 1 });
      return requestSubscriberSync(ctx, (await group(groupName)).id, { trigger, by: ctx.actor }, { dryRun });
    },
    async listSync(trigger = "bridge_refresh") {
      clock.advance({ seconds: 1 });
      const { sync } = await requestListSync(ctx, { trigger, by: ctx.actor });
      return account.workUntilEnded(sync.id);
    },
    async sync(groupName, asked) {
      return account.workUntilEnded((await account.request(groupName, asked)).sync.id);
    },
    async work(signal = new AbortController().signal) {
      clock.advance({ seconds: 1 });
      await run(signal);
    },
    async workAll() {
      for (let before = ""; ; ) {
        const now = await describeWork(ctx);
        if (now === before) return;
        before = now;
        await account.work();
      }
    },
    async workUntilEnded(syncId) {
      for (let turn = 0; turn < 20; turn += 1) {
        const sync = await findSync(ctx, syncId);
        if (isEnded(sync.state) || sync.state === "held") return sync;
        await account.work();
      }
      throw new Error(`sync ${syncId} did not end`);
    },
    changePerson(index, values) {
      const { changed } = simulator.state.people;
      changed.set(index, { ...changed.get(index), ...values });
    },
    strike(kind, fault = {}) {
      simulator.state.faults.list = [{ kind, ...fault }];
    },
    heal() {
      simulator.state.faults.list = [];
    },
  };
  return account;
}

/** How far the account's syncs are: it stays the same when there is nothing to do. */
async function describeWork(ctx: AccountContext): Promise<string> {
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const { rows } = await sql`select id, state, attempt from sync order by id`.execute(tx);
    return JSON.stringify(rows);
  });
}

/** The engine's own tables, which no role of ours may read. */
function waitingJobs(database: ServerConfig, name: string): Promise<readonly unknown[]> {
  return onServer(database, async (client) => {
    const { rows } = await client.query(
      `select j.payload from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id
       where t.identifier = $1 order by j.id`,
      [name],
    );
    return rows.map(({ payload }) => payload);
  });
}
