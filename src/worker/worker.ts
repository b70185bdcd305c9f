import type { App } from "../app.ts";
import { forgetAnswers } from "../domain/accounts/answered-requests.ts";
import { forgetExpired } from "../domain/accounts/find-signed-in.ts";
import { makeDueDigests } from "../domain/digests/make-digests.ts";
import { keepHouse } from "../domain/housekeeping/keep-house.ts";
import { mayGoOut, noteWorker } from "../domain/installation/installation.ts";
import { measureIfDue } from "../domain/installation/measure-storage.ts";
import { sweepDeliveries } from "../domain/mailings/delivery/sweep-deliveries.ts";
import { eraseOldValues, forgetSpentValues, sweepInstances } from "../domain/mailings/publish/sweep.ts";
import { keepReports } from "../domain/mailings/report/find-report.ts";
import { collectNotices, forgetOldMails, sendNoticeMails } from "../domain/notices/send-notices.ts";
import { measureAudiences } from "../domain/subscribers/audience-size.ts";
import { forgetValues } from "../domain/subscribers/forget-values.ts";
import { startDueNightlies } from "../domain/syncs/nightly.ts";
import { cleanStaging, sweep } from "../domain/syncs/sweep.ts";
import { verifyIfDue } from "../domain/syncs/verify-nightly.ts";
import { releaseForgottenSyncs } from "../domain/syncs/work-on-bridge.ts";
import { forgetOldUploads, sweepImports } from "../domain/uploads/sweep-uploads.ts";
import { forgetOldEvents } from "../domain/webhooks/deliver.ts";
import { sweepWritebacks } from "../domain/writebacks/sweep-writebacks.ts";
import { pollMailbox } from "../inbound/poll-mailbox.ts";
import { describeError } from "../platform/errors.ts";
import { newId } from "../platform/ids.ts";
import { type JobHandler, startWorking } from "../platform/jobs.ts";
import { deliverMailingJob } from "./deliver-mailing.ts";
import { runNightlyJob } from "./go-on-with-nightly.ts";
import { importUploadJob } from "./import-upload.ts";
import { publishMailingJob, publishSyncEndedJob, tellOwnerOfHoldJob } from "./publish-mailing.ts";
import { sendPasswordLinkJob } from "./send-password-link.ts";
import { sendWritebacksJob } from "./send-writebacks.ts";
import { WebhookLane } from "./webhook-lane.ts";
import { runBridgeJob } from "./work-on-bridge.ts";

const sweepMs = 5_000;
const nightlyMs = 30_000;
const reportMs = 20_000;
const tidyMs = 60_000;
const mailboxMs = 60_000;
const webhookMs = 1_000;
const noticeMs = 15_000;

export interface Worker {
  stop(): Promise<void>;
}

async function tidy(ctx: App["ctx"]): Promise<void> {
  await cleanStaging(ctx);
  await forgetValues(ctx);
  await forgetExpired(ctx);
  await forgetAnswers(ctx);
  await forgetOldUploads(ctx);
  await forgetSpentValues(ctx);
  await eraseOldValues(ctx);
  await measureAudiences(ctx);
  await forgetOldEvents(ctx);
  await forgetOldMails(ctx);
}

/** A job that sends, or leads to it: on a copy it does nothing, and the sweeps find its work again. (product 6.3) */
function unlessPaused<Payload>(ctx: App["ctx"], handler: JobHandler<Payload>): JobHandler<Payload> {
  return {
    ...handler,
    async run(payload, run) {
      if (await mayGoOut(ctx)) await handler.run(payload, run);
    },
  };
}

/** Works on jobs and keeps the schedules until stopped. Several may run on one database and share the work. */
export async function startWorker(app: App): Promise<Worker> {
  const { config } = app;
  const ctx = { ...app.ctx, db: app.ctx.db.repeating() };
  await noteWorker(ctx, app.folder);
  const liveness = await ctx.db.holdLiveness();
  const processId = newId();
  const working = await startWorking({
    database: app.database,
    handlers: [
      runBridgeJob(ctx),
      runNightlyJob(ctx),
      importUploadJob(ctx),
      sendPasswordLinkJob(ctx),
      unlessPaused(ctx, deliverMailingJob(ctx)),
      unlessPaused(ctx, publishMailingJob(ctx)),
      unlessPaused(ctx, publishSyncEndedJob(ctx)),
      tellOwnerOfHoldJob(ctx),
      unlessPaused(ctx, sendWritebacksJob(ctx)),
    ],
    concurrency: config.concurrency,
    processId,
    liveness,
    log: ctx.log,
  });
  const stoppingCalls = new AbortController();
  const webhooks = new WebhookLane(app.ctx, { processId, signal: stoppingCalls.signal });
  const ticks = [
    every(sweepMs, async () => {
      await releaseForgottenSyncs(ctx, processId);
      await sweep(ctx);
      await sweepImports(ctx);
      if (!(await mayGoOut(ctx))) return;
      await sweepDeliveries(ctx, processId);
      await sweepInstances(ctx);
      await sweepWritebacks(ctx, processId);
    }),
    every(nightlyMs, () => startDueNightlies(ctx)),
    every(reportMs, () => keepReports(app.ctx)),
    every(tidyMs, () => noteWorker(ctx, app.folder)),
    every(tidyMs, () => tidy(ctx)),
    every(tidyMs, () => verifyIfDue(ctx)),
    every(tidyMs, () => measureIfDue(ctx)),
    everyUnlessPaused(tidyMs, (signal) => keepHouse(ctx, processId, signal)),
    everyUnlessPaused(webhookMs, () => webhooks.look()),
    everyUnlessPaused(tidyMs, () => makeDueDigests(ctx)),
    everyUnlessPaused(noticeMs, async (signal) => {
      await collectNotices(ctx);
      await sendNoticeMails(ctx, processId, signal);
    }),
    ...(config.bounceImapUrl === undefined ? [] : [everyMailbox(config.bounceImapUrl)]),
  ];

  /** A copy that somebody only looks at sends nothing, and keeps what it has. (product 6.3) */
  function everyUnlessPaused(milliseconds: number, run: (signal: AbortSignal) => Promise<unknown>) {
    return every(milliseconds, async (signal) => {
      if (await mayGoOut(ctx)) await run(signal);
    });
  }

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
      stoppingCalls.abort();
      await Promise.all(ticks.map((tick) => tick.stop()));
      await webhooks.settle();
      await working.stop();
      await liveness[Symbol.asyncDispose]();
    },
  };
}
