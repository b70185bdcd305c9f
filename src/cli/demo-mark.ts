import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Config } from "../platform/config.ts";

const mark = (config: Config) => join(resolve(config.dataDir), "demo");

/** Whether the data folder is the demo's: its AMS is a simulator on this machine. */
export function isDemo(config: Config): boolean {
  return config.databaseUrl === undefined && existsSync(mark(config));
}

const sentence = "This data folder was made by the demo: its bridge may call this machine.\n";
const prepared = `${sentence}Its first run came to its end.\n`;

export function markDemo(config: Config): void {
  mkdirSync(resolve(config.dataDir), { recursive: true });
  if (!isDemo(config)) writeFileSync(mark(config), sentence);
}

/** Whether the first run came to its end; one that was interrupted is gone on with. */
export function isPrepared(config: Config): boolean {
  return config.databaseUrl !== undefined || readFileSync(mark(config), "utf8") === prepared;
}

/** The simulator's port of the last start, which the demo's bridge points at. */
export const simulatorPort = (config: Config) => readPort(config, "simulator-port");
export const rememberSimulatorPort = (config: Config, url: string) => writePort(config, "simulator-port", url);

/** The catcher's page of the last start, which people have open in a browser. */
export const catcherPort = (config: Config) => readPort(config, "catcher-port");
export const rememberCatcherPort = (config: Config, url: string) => writePort(config, "catcher-port", url);

function readPort(config: Config, name: string): number | undefined {
  const file = join(resolve(config.dataDir), name);
  return existsSync(file) ? Number(readFileSync(file, "utf8")) || undefined : undefined;
}

function writePort(config: Config, name: string, url: string): void {
  writeFileSync(join(resolve(config.dataDir), name), new URL(url).port);
}

export function markPrepared(config: Config): void {
  writeFileSync(mark(config), prepared);
}
