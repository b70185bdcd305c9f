import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { SMTPServer, type SMTPServerSession } from "smtp-server";
import type { MailFile } from "./mail-file.ts";
import { type Script, scriptOf } from "./script.ts";

const largestMail = 50 * 1024 * 1024;

/** An SMTP server that takes every mail for everybody, unless the address says otherwise, and delivers none. */
export async function startSmtp(
  mails: MailFile,
  port: number,
  now: () => Date,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: largestMail,
    name: "catcher.localhost",
    closeTimeout: 1,
    onRcptTo({ address }, session, done) {
      const script = scriptOf(address);
      if (script?.kind === "drop" && script.at === "rcpt") cut(server, session);
      else if (script?.kind === "reply" && script.step === "rcpt") done(refusal(script));
      else done();
    },
    onData(stream, session, done) {
      buffer(stream)
        .then((raw) => receive(server, mails, session, raw, now))
        .then((end) => end === "cut" || done(end), done);
    },
  });
  // A client that goes away in the middle is nobody's fault here.
  server.on("error", () => {});
  const listening = server.listen(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    listening.once("listening", resolve);
  });
  return {
    port: (listening.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** @returns why it is refused, null when it is kept, or that the connection is gone */
async function receive(
  server: SMTPServer,
  mails: MailFile,
  session: SMTPServerSession,
  raw: Buffer,
  now: () => Date,
): Promise<Error | null | "cut"> {
  const { mailFrom, rcptTo } = session.envelope;
  const to = rcptTo.map(({ address }) => address);
  const script = scriptOf(to[0] ?? "");
  if (script?.kind === "slow") await wait(script.ms);
  if (script?.kind === "reply" && script.step === "message") return refusal(script);
  if (script?.kind === "drop" && script.at === "message") return cut(server, session);
  mails.add({ from: mailFrom ? mailFrom.address : "", to }, raw, now().toISOString());
  return script?.kind === "drop" && script.at === "kept" ? cut(server, session) : null;
}

function refusal({ code, text }: Extract<Script, { kind: "reply" }>): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** Ends a session's connection as a cable that is pulled would. */
function cut(server: SMTPServer, session: SMTPServerSession): "cut" {
  for (const { id, _socket } of server.connections as Set<{ readonly id: string; readonly _socket: Socket }>)
    if (id === session.id) _socket.resetAndDestroy();
  return "cut";
}
