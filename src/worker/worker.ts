import type { App } from "../app.ts";
import { forgetExpired } from "../domain/accounts/find-signed-in.ts";
import { sweepDeliveries } from "../domain/mailings/delivery/sweep-deliveries.ts";
import { eraseOldValues, forgetSpentValues, sweepInstances } from "../domain/mailings/publish/sweep.ts";
import { keepReports } from "../domain/mailings/report/find-report.ts";
import { measureAudiences } from "../domain/subscribers/audience-size.ts";
import { forgetValues } from "../domain/subscribers/forget-values.ts";
import { startDueNightlies } from "../domain/syncs/nightly.ts";
import { cleanStaging, sweep } from "../domain/syncs/sweep.ts";
import { verifyIfDue } from "../domain/syncs/verify-nightly.ts";
import { releaseForgottenSyncs } from "../domain/syncs/work-on-bridge.ts";
import { forgetOldUploads, sweepImports } from "../domain/uploads/sweep-uploads.ts";
import { sweepWritebacks } from "../domain/writebacks/sweep-writebacks.ts";
import { pollMailbox } from "../inbound/poll-mailbox.ts";
import { describeError } from "../platform/errors.ts";
import { newId } from "../platform/ids.ts";
import { startWorking } from "../platform/jobs.ts";
import { deliverMailingJob } from "./deliver-mailing.ts";
import { runNightlyJob } from "./go-on-with-nightly.ts";
import { importUploadJob } from "./import-upload.ts";
import { publishMailingJob, publishSyncEndedJob, tellOwnerOfHoldJob } from "./publish-mailing.ts";
import { sendPasswordLinkJob } from "./send-password-link.ts";
import { sendWritebacksJob } from "./send-writebacks.ts";
import { runBridgeJob } from "./work-on-bridge.ts";

const sweepMs = 5_000;
const nightlyMs = 30_000;
const reportMs = 20_000;
const tidyMs = 60_000;
const mailboxMs = 60_000;

export interface Worker {
  stop(): Promise<void>;
}

async function tidy(ctx: App["ctx"]): Promise<void> {
  await cleanStaging(ctx);
  await forgetValues(ctx);
  await forgetExpired(ctx);
  await forgetOldUploads(ctx);
  await forgetSpentValues(ctx);
  await eraseOldValues(ctx);
  await measureAudiences(ctx);
}

/** Works on jobs and keeps the schedules until stopped. Several may run on one database and share the work. */
export async function startWorker(app: App): Promise<Worker> {
  const { config } = app;
  const ctx = { ...app.ctx, db: app.ctx.db.repeating() };
  const liveness = await ctx.db.holdLiveness();
  const processId = newId();
  const working = await startWorking({
    database: app.database,
    handlers: [
      runBridgeJob(ctx),
      runNightlyJob(ctx),
      importUploadJob(ctx),
      sendPasswordLinkJob(ctx),
      deliverMailingJob(ctx),
      publishMailingJob(ctx),
      publishSyncEndedJob(ctx),
      tellOwnerOfHoldJob(ctx),
      sendWritebacksJob(ctx),
    ],
    concurrency: config.concurrency,
    processId,
    liveness,
    log: ctx.log,
  });
  const ticks = [
    every(sweepMs, async () => {
      await releaseForgottenSyncs(ctx, processId);
      await sweep(ctx);
      await sweepImports(ctx);
      await sweepDeliveries(ctx, processId);
      await sweepInstances(ctx);
      await sweepWritebacks(ctx, processId);
    }),
    every(nightlyMs, () => startDueNightlies(ctx)),
    every(reportMs, () => keepReports(app.ctx)),
    every(tidyMs, () => tidy(ctx)),
    every(tidyMs, () => verifyIfDue(ctx)),
    ...(config.bounceImapUrl === undefined ? [] : [everyMailbox(config.bounceImapUrl)]),
  ];

  function everyMailbox(url: string) {
    return every(mailboxMs, (signal) => pollMailbox(ctx, url, signal));
  }

  /** Runs at once and then again and again, never twice at a time. What it throws is told, and tried again. */
  function every(milliseconds: number, run: (signal: AbortSignal) => Promise<unknown>): { stop(): Promise<void> } {
    const stopping = new AbortController();
    const loop = async () => {
      while (!stopping.signal.aborted) {
        await run(stopping.signal).catch((error) =>
          ctx.log.warn({ reason: describeError(error) }, "a schedule could not be kept; it is tried again"),
        );
        await ctx.clock.sleep(milliseconds, stopping.signal).catch(() => {});
      }
    };
    const running = loop();
    return {
      stop() {
        stopping.abort();
        return running;
      },
    };
  }

  return {
    async stop() {
      await Promise.all(ticks.map((tick) => tick.stop()));
      await working.stop();
      await liveness[Symbol.asyncDispose]();
    },
  };
}
