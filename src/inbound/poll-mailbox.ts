import type { ImapFlow } from "imapflow";
import type { Context } from "../domain/context.ts";
import { findReturnPath, receiveReturned } from "../domain/mailings/responses/receive-returned.ts";

/** Where mails go that were looked at. */
const processedFolder = "Lockstep";
/** The report, and the head of the mail that it returns. */
const mostBytes = 1024 * 1024;
/** In one look; the rest waits for the next. */
const mostMails = 500;

/**
 * Looks into the mailbox that bounces come to, once. What was judged is moved to the folder Lockstep, so that it isn't
 * read again; should two processes look at one mail, the second verdict finds the first and changes nothing.
 * @param url imaps://user:password@host/INBOX
 * @returns how many mails were judged
 */
export async function pollMailbox(ctx: Context, url: string, signal?: AbortSignal): Promise<number> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const isSecure = protocol === "imaps:";
  // Few installations have a mailbox: the others don't load its library.
  const { ImapFlow } = await import("imapflow");
  const client = new ImapFlow({
    host: hostname,
    port: Number(port) || (isSecure ? 993 : 143),
    secure: isSecure,
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    logger: false,
    disableAutoIdle: true,
  });
  client.on("error", () => {});
  await client.connect();
  try {
    const lock = await client.getMailboxLock(decodeURIComponent(pathname.slice(1)) || "INBOX");
    try {
      return await judgeAll(ctx, client, signal);
    } finally {
      lock.release();
    }
  } finally {
    await client.logout().catch(() => client.close());
  }
}

async function judgeAll(ctx: Context, client: ImapFlow, signal?: AbortSignal): Promise<number> {
  const found = (await client.search({ all: true }, { uid: true })) || [];
  const done: number[] = [];
  for (const uid of found.slice(0, mostMails)) {
    if (signal?.aborted) break;
    const mail = await client.fetchOne(String(uid), { source: { maxLength: mostBytes } }, { uid: true });
    const source = mail ? mail.source : undefined;
    if (source === undefined) continue;
    if ((await receiveReturned(ctx, source, findReturnPath(ctx, recipientsOf(source)))) !== "not_yet") done.push(uid);
  }
  if (done.length > 0) {
    if (!(await client.list()).some(({ name }) => name === processedFolder))
      await client.mailboxCreate(processedFolder);
    await client.messageMove(done.join(","), processedFolder, { uid: true });
  }
  return done.length;
}

/** The head lines in which mail servers note whom a mail was delivered to. */
function recipientsOf(source: Buffer): string {
  const head = source.toString("latin1").split(/\r?\n\r?\n|\r\r/, 1)[0] ?? "";
  const lines = head.replace(/(?:\r\n?|\n)[ \t]+/g, " ").split(/\r\n?|\n/);
  return lines
    .filter((line) => /^(delivered-to|x-original-to|envelope-to|x-envelope-to|x-rcpt-to|to|cc):/i.test(line))
    .join("\n");
}
