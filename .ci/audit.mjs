/**
 * Known holes in what Lockstep depends on, asked of the registry in use. Fails for serious ones alone; a registry that
 * keeps no list, or can't be reached, is told and passes: it says nothing about the dependencies.
 */
import { spawnSync } from "node:child_process";

const { stdout, error } = spawnSync("npm", ["audit", "--json", "--omit=dev"], { encoding: "utf8", timeout: 60_000 });
const counts = readCounts(stdout ?? "");

const say = (text) => process.stdout.write(`audit: ${text}\n`);

if (counts === undefined) {
  const reason = error?.message ?? readReason(stdout ?? "");
  say(`not done, the registry in use does not answer it (${reason})`);
} else {
  const serious = (counts.high ?? 0) + (counts.critical ?? 0);
  say(`${counts.total} known holes, ${serious} of them serious${serious > 0 ? "; see: npm audit --omit=dev" : ""}`);
  if (serious > 0) process.exitCode = 1;
}

/** @returns undefined when it is no report */
function readCounts(text) {
  try {
    return JSON.parse(text).metadata?.vulnerabilities;
  } catch {
    return undefined;
  }
}

function readReason(text) {
  try {
    const { message, error } = JSON.parse(text);
    return String(error?.summary || message || "no reason given").split(" - ")[0];
  } catch {
    return "no reason given";
  }
}
