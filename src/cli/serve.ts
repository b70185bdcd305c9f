import { type App, openApp } from "../app.ts";
import { createServer } from "../http/server.ts";
import { listenForBounces } from "../inbound/listen-for-bounces.ts";
import type { Config } from "../platform/config.ts";
import { SetupError } from "../platform/errors.ts";
import { startWorker } from "../worker/worker.ts";
import { untilInterrupted } from "./interrupt.ts";

export interface Serving {
  readonly app: App;
  readonly address: string;
  stop(): Promise<void>;
}

/** Brings up what a process of Lockstep does: the web part, the worker, or both. */
export async function startServing(
  config: Config,
  parts: { readonly web: boolean; readonly worker: boolean },
): Promise<Serving> {
  const app = await openApp(config);
  const stops: (() => Promise<void>)[] = [() => app.close()];
  const stop = async () => {
    while (stops.length > 0) await stops.pop()?.();
  };
  try {
    let address = "";
    if (parts.web) {
      const server = await createServer(app);
      stops.push(() => server.close());
      address = await listen(server, config);
      const bounces = await listenWhereAsked(app);
      if (bounces) stops.push(() => bounces.close());
    }
    if (parts.worker) {
      const worker = await startWorker(app);
      stops.push(() => worker.stop());
    }
    return { app, address, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Bounces come in where requests come in. */
async function listenWhereAsked({ ctx, config }: App) {
  const { bounceSmtpHost: host, bounceSmtpPort: port } = config;
  if (port === undefined) return undefined;
  const { bounceDomain } = ctx;
  if (bounceDomain !== null) return listenForBounces({ ...ctx, bounceDomain }, { host, port });
  throw new SetupError(
    "no_bounce_domain",
    "LOCKSTEP_BOUNCE_SMTP_PORT is set, but not the domain whose bounces it takes.",
    "Set LOCKSTEP_BOUNCE_DOMAIN, with an MX record that leads here.",
  );
}

async function listen(server: Awaited<ReturnType<typeof createServer>>, config: Config): Promise<string> {
  try {
    return await server.listen({ host: config.host, port: config.port });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "EADDRINUSE") {
      throw new SetupError(
        "port_in_use",
        `Port ${config.port} on ${config.host} is in use.`,
        "Stop what listens there, or choose another with LOCKSTEP_PORT (0 takes a free one).",
      );
    }
    if (code === "EACCES" || code === "EADDRNOTAVAIL") {
      throw new SetupError(
        "cannot_listen",
        `Lockstep can't listen on ${config.host}:${config.port}: ${code}.`,
        "Choose another LOCKSTEP_HOST or LOCKSTEP_PORT.",
      );
    }
    throw error;
  }
}

/** Waits for Ctrl-C or SIGTERM, then stops; a second Ctrl-C, or a stop that takes too long, ends at once. */
export async function runUntilStopped(serving: Pick<Serving, "stop">, stopMs: number): Promise<void> {
  await untilInterrupted(new Promise(() => {}));
  const tooLong = setTimeout(() => process.exit(1), stopMs);
  await serving.stop();
  clearTimeout(tooLong);
}
