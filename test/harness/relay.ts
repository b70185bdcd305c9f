import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Catcher, startCatcher } from "../../catcher/catcher.ts";
import { systemClock } from "../../src/platform/clock.ts";
import { Relay, type RelayOptions } from "../../src/platform/mail/relay.ts";

/** The catcher with a folder of its own, gone when the test ends. */
export async function startTestCatcher(): Promise<Catcher> {
  const folder = await mkdtemp(join(tmpdir(), "lockstep-caught-"));
  const catcher = await startCatcher({ folder });
  onTestFinished(async () => {
    await catcher.close();
    await rm(folder, { recursive: true });
  });
  return catcher;
}

/** What mailings leave by, towards a server at this address. */
export function relayTo(url: string, options: Partial<RelayOptions> = {}): Relay {
  const relay = new Relay(
    {
      url,
      name: "lockstep.example.org",
      connections: 5,
      rate: 0,
      domainLimits: { connections: 5, rate: 0 },
      ...options,
      timeouts: {
        connectionTimeout: 2000,
        greetingTimeout: 2000,
        socketTimeout: 500,
        totalTimeout: 2000,
        ...options.timeouts,
      },
    },
    systemClock,
  );
  onTestFinished(() => relay.close());
  return relay;
}
