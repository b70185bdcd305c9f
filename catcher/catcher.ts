import type { AddressInfo } from "node:net";
import { MailFile } from "./mail-file.ts";
import { createPages } from "./pages.ts";
import { startSmtp } from "./smtp.ts";

export interface CatcherOptions {
  /** Where caught mails are kept. */
  readonly folder: string;
  /** 0 takes a free one. */
  readonly smtpPort?: number;
  readonly port?: number;
  readonly now?: () => Date;
}

export interface Catcher {
  /** Where mail is sent to: `smtp://127.0.0.1:…` */
  readonly smtpUrl: string;
  /** Where caught mails are looked at. */
  readonly url: string;
  readonly mails: MailFile;
  close(): Promise<void>;
}

/** Starts a mail server on loopback that keeps what it gets and delivers nothing, with pages to look at it. */
export async function startCatcher(options: CatcherOptions): Promise<Catcher> {
  const mails = new MailFile(options.folder);
  const smtp = await startSmtp(mails, options.smtpPort ?? 0, options.now ?? (() => new Date()));
  const pages = createPages(mails);
  await new Promise<void>((resolve, reject) =>
    pages.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve),
  );
  const { port } = pages.address() as AddressInfo;
  return {
    smtpUrl: `smtp://127.0.0.1:${smtp.port}`,
    url: `http://127.0.0.1:${port}`,
    mails,
    async close() {
      await smtp.close();
      pages.closeAllConnections();
      await new Promise((resolve) => pages.close(resolve));
      mails.close();
    },
  };
}
