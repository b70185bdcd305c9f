import { once } from "node:events";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { SMTPServer, SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from "smtp-server";
import type { Context } from "../domain/context.ts";
import { readReturnPath } from "../domain/mailings/links.ts";
import { receiveReturned } from "../domain/mailings/responses/receive-returned.ts";
import { noteReturnedMail } from "../domain/mailings/responses/response-metrics.ts";
import { describeError, SetupError } from "../platform/errors.ts";

/** Reports are small; what is larger is refused at its announced size, or cut off. */
const mostBytes = 10 * 1024 * 1024;
/** What is read of it: the report, and the head of the mail that it returns. A hundred large ones fit into memory. */
const mostKept = 1024 * 1024;
const mostClients = 100;
const mostRecipients = 10;
/** Of one address in a minute: large providers send many from one. */
const mostMails = 1000;
const idleMs = 60_000;

export interface BounceListener {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Takes mail for return paths of ours, and nothing else: no relay, no sign-in, never an answer by mail. An address that
 * isn't signed by this installation is refused while the sender still waits. (product 4.5, reliability 1.3, 19)
 * @throws SetupError when it can't listen
 */
export async function listenForBounces(
  ctx: Context & { readonly bounceDomain: string },
  at: { readonly host: string; readonly port: number },
): Promise<BounceListener> {
  const rates = new RateLimiterMemory({ points: mostMails, duration: 60 });
  const { SMTPServer } = await import("smtp-server"); // most installations read a mailbox, or none
  const server = new SMTPServer({
    name: ctx.bounceDomain,
    banner: "mail for bounces only",
    size: mostBytes,
    maxClients: mostClients,
    socketTimeout: idleMs,
    closeTimeout: 5_000,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    hidePIPELINING: true,
    logger: false,
    onMailFrom: (_, { remoteAddress }, done) => {
      rates.consume(remoteAddress).then(
        () => done(),
        () => done(reply(450, "4.7.0 Too many mails from your address, try again later")),
      );
    },
    onRcptTo: (address, session, done) => done(refusal(ctx, address, session)),
    onData: (stream, session, done) => {
      take(ctx, stream, session).then(done, (error: unknown) => {
        ctx.log.warn({ reason: describeError(error) }, "a returned mail could not be taken in; its sender tries again");
        done(reply(451, "4.3.0 Try again later"));
      });
    },
  });
  // A client that breaks off, or speaks another protocol, is its own trouble.
  server.on("error", (error) => ctx.log.debug({ reason: describeError(error) }, "a connection for bounces broke"));
  await listen(server, at);
  const address = server.server.address();
  const port = typeof address === "object" && address !== null ? address.port : at.port;
  ctx.log.info({ host: at.host, port, domain: ctx.bounceDomain }, "listening for bounces");
  return { port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function refusal(
  ctx: Context & { readonly bounceDomain: string },
  { address }: SMTPServerAddress,
  { envelope }: SMTPServerSession,
): Error | null {
  if (envelope.rcptTo.length >= mostRecipients) return reply(452, "4.5.3 Too many recipients");
  if (refOf(ctx, address)) return null;
  noteReturnedMail(ctx, "forged");
  return reply(550, "5.1.1 No such address here");
}

function refOf(ctx: Context & { readonly bounceDomain: string }, address: string) {
  const at = address.lastIndexOf("@");
  const isOurs = address.slice(at + 1).toLowerCase() === ctx.bounceDomain;
  return isOurs ? readReturnPath(ctx, address.slice(0, at)) : null;
}

/** @returns the refusal, or null when all of it was taken in and committed */
async function take(
  ctx: Context & { readonly bounceDomain: string },
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
): Promise<Error | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostKept) chunks.push(chunk);
  }
  if (stream.sizeExceeded || bytes > mostBytes) return reply(552, "5.3.4 Too large");
  const raw = Buffer.concat(chunks);
  const refs = envelope.rcptTo.map(({ address }) => refOf(ctx, address)).filter((ref) => ref !== null);
  for (const ref of refs) {
    if ((await receiveReturned(ctx, raw, ref)) === "not_yet") return reply(451, "4.3.0 Too early, try again later");
  }
  return null;
}

async function listen(server: SMTPServer, { host, port }: { readonly host: string; readonly port: number }) {
  const failed = once(server.server, "error").then(([error]) => {
    throw new SetupError(
      "cannot_listen_for_bounces",
      `Lockstep can't listen for bounces on ${host}:${port}: ${describeError(error)}.`,
      "Choose another LOCKSTEP_BOUNCE_SMTP_HOST or LOCKSTEP_BOUNCE_SMTP_PORT.",
    );
  });
  await Promise.race([new Promise<void>((resolve) => server.listen(port, host, resolve)), failed]);
  failed.catch(() => {});
}
