import { setTimeout as wait } from "node:timers/promises";
import { folder } from "./figures.ts";
import { type LockstepProcess, lockstep, startLockstep } from "./processes.ts";
import { fields } from "./reading.ts";

export interface Sync {
  readonly id: string;
  readonly state: string;
  readonly rowsRead: number;
  readonly added: number;
  readonly removed: number;
  readonly updated: number;
  readonly errorMessage: string | null;
}

export interface Installation {
  readonly dataDir: string;
  readonly key: string;
}

/** Makes an account with a bridge to a simulator. */
export function install(name: string, url: string, sessions = 1): Installation {
  const dataDir = folder(name);
  lockstep(dataDir, "account", "create", "Bench", "--zone", "UTC");
  lockstep(
    dataDir,
    "bridge",
    "set",
    "--url",
    url,
    "--user",
    "lockstep",
    "--password-stdin",
    "--sessions",
    String(sessions),
  );
  return { dataDir, key: lockstep(dataDir, "api-key", "create", "bench") };
}

export const open = ({ dataDir, key }: Installation) => startLockstep(dataDir, () => key);

/** Waits for the end of a sync. @throws when it doesn't succeed */
export async function finish(app: LockstepProcess, asked: { sync: Sync }): Promise<Sync> {
  for (;;) {
    const { sync } = await app.api<{ sync: Sync }>("GET", `/syncs/${asked.sync.id}`);
    if (["succeeded", "failed", "held", "cancelled"].includes(sync.state)) {
      if (sync.state !== "succeeded") throw new Error(`a sync ${sync.state}: ${sync.errorMessage}`);
      return sync;
    }
    await wait(100);
  }
}

/** Reads the list and keeps the fields that are measured. @returns the group's id */
export async function prepareGroup(app: LockstepProcess, name: string): Promise<string> {
  await finish(app, await app.api("POST", "/bridge/refresh"));
  for (const field of fields) await app.api("PATCH", `/personalization-fields/${field}`, { isKept: true });
  const found = await app.api<{ items: { id: string; name: string }[] }>(
    "GET",
    `/target-groups?search=${encodeURIComponent(name)}`,
  );
  return found.items.find((group) => group.name === name)?.id ?? "";
}

export async function timedSync(app: LockstepProcess, group: string): Promise<{ sync: Sync; seconds: number }> {
  const began = performance.now();
  const sync = await finish(app, await app.api("POST", `/target-groups/${group}/resync`));
  return { sync, seconds: (performance.now() - began) / 1000 };
}
