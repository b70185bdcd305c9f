import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "../platform/config.ts";

const mark = (config: Config) => join(resolve(config.dataDir), "demo");

/** Whether the data folder is the demo's: its AMS is a simulator on this machine. */
export function isDemo(config: Config): boolean {
  return config.databaseUrl === undefined && existsSync(mark(config));
}

export function markDemo(config: Config): void {
  mkdirSync(resolve(config.dataDir), { recursive: true });
  writeFileSync(mark(config), "This data folder was made by the demo: its bridge may call this machine.\n");
}
