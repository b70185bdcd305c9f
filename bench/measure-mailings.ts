import { measureSending } from "./delivery.ts";
import { watchSending } from "./delivery-memory.ts";
import { folder, people, report, say } from "./figures.ts";
import { measureFreezing } from "./freezing.ts";
import { lockstep, startLockstep } from "./processes.ts";
import { trackActivity } from "./tracking.ts";

/** A million people are frozen, however small the rest of the run is. */
export async function measurePublish(): Promise<void> {
  const frozen = 1_000_000;
  say(`freezing ${frozen} recipients`);
  const { recipients, perSecond, limit } = await measureFreezing(folder("freezing"), frozen);
  report(
    "recipients frozen from a compound of five groups of 200,000, with three values each",
    `${Math.round(perSecond)}/s (${recipients} in ${(recipients / perSecond).toFixed(1)} s; the same rows written with nothing to judge: ${Math.round(limit)}/s)`,
    "100,000/s",
    perSecond >= 100_000,
  );
}

export async function measureTracking(): Promise<void> {
  say("opens and clicks come in");
  const dataDir = folder("tracking");
  lockstep(dataDir, "account", "create", "Bench", "--zone", "UTC");
  const app = await startLockstep(dataDir, () => "");
  const { p99, perSecond, wrong, lost } = await trackActivity(app, dataDir, 1000, 20);
  await app.stop();
  report(
    "opens and clicks a second, each committed before it is answered",
    `${perSecond.toFixed(0)}/s, p99 ${p99.toFixed(0)} ms, ${lost} lost, ${wrong} answered wrongly`,
    "1,000/s, p99 under 50 ms, none lost",
    perSecond > 980 && p99 < 50 && lost === 0 && wrong === 0,
  );
}

export async function measureDelivery(): Promise<void> {
  say("messages of 10 KB, signed, to a local sink");
  const { ours, theirs, theirsWithKeyObject, bytes } = await measureSending(6000);
  const shown = (rate: number) => `${Math.round(rate)}/s`;
  report(
    "messages of 10 KB with ten values, DKIM by RSA 2048, in a second of the sender's CPU, against the mail library's pool",
    `${(ours / theirs).toFixed(2)} × (${shown(ours)} against ${shown(theirs)}; ${bytes} bytes each; against the pool with a key object, which its documentation doesn't offer, ${(ours / theirsWithKeyObject).toFixed(2)} ×)`,
    "3 ×",
    ours / theirs >= 3,
  );
  say(`memory while sending ${people}`);
  const { earlyMb, peakMb, perSecond, sent } = await watchSending(folder("sending"), people);
  report(
    `memory of \`serve\` while it sends to ${people}`,
    `${peakMb.toFixed(0)} MB (${earlyMb.toFixed(0)} MB in the first tenth; ${shown(perSecond)} with the database and the sink on the same cores; ${sent} sent)`,
    "under 300 MB, flat: at most 1.15 × the first tenth's",
    peakMb < 300 && peakMb <= 1.15 * earlyMb && sent === people,
  );
}
