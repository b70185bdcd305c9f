import { people, report, say } from "./figures.ts";
import { install, open, prepareGroup, timedSync } from "./installation.ts";
import { startSimulatorProcess } from "./processes.ts";
import { callsEach, countTwice, measureCalls, sendBack } from "./writebacks.ts";

export async function measureWritebacks(): Promise<void> {
  const count = Math.min(100_000, people / 10);
  const latency = 20;
  const sessions = 4;
  say(`${count} writebacks`);
  const simulator = await startSimulatorProcess({ members: 2 * count, groups: 1, "group-size": 2 * count });
  const installation = install("writebacks", simulator.url, sessions);
  const app = await open(installation);
  await timedSync(app, await prepareGroup(app, "Group 0001"));
  await simulator.admin("/settings", { latencyMs: latency });
  // Before and after, since a machine with neighbours is not the same from minute to minute.
  const before = await measureCalls(simulator.url, sessions, 10);
  const rate = await sendBack(app, simulator, installation.dataDir, count);
  const limit = (before + (await measureCalls(simulator.url, sessions, 10))) / 2 / callsEach;
  const twice = await countTwice(simulator.url);
  report(
    `${count} writebacks, ${sessions} sessions, ${latency} ms latency, 5 % faults`,
    `${Math.round((100 * rate) / limit)} % of what bare calls without faults do (${rate.toFixed(0)} people/s; ${limit.toFixed(0)}); ${twice} made twice`,
    "80 %, none twice",
    rate / limit >= 0.8 && twice === 0,
  );
  await app.stop();
  await simulator.stop();
}
