import { parseArgs } from "node:util";
import { startCatcher } from "./catcher.ts";

const help = `Usage: catcher [--folder PATH] [--smtp-port N] [--port N]

A mail server for demo, tests and benchmarks: it keeps what it gets, delivers nothing, and shows it on a page.
Prints its addresses as one line of JSON. Addresses such as hard@, full@, spam@, defer@ (also hard.ann@) are refused
as their names say.
  --folder PATH    where mails are kept (default ./caught-mail)
  --smtp-port N    where it listens for mail; 0 takes a free one (default 2525)
  --port N         where its page is; 0 takes a free one (default 8025)
  --die-with PID   stop when that process is gone
`;

const { values } = parseArgs({
  options: {
    folder: { type: "string", default: "./caught-mail" },
    "smtp-port": { type: "string", default: "2525" },
    port: { type: "string", default: "8025" },
    "die-with": { type: "string" },
    help: { type: "boolean" },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const number = (name: string, text: string): number => {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} takes a whole number, not '${text}'\n`);
  process.exit(2);
};
try {
  const catcher = await startCatcher({
    folder: values.folder,
    smtpPort: number("smtp-port", values["smtp-port"]),
    port: number("port", values.port),
  });
  process.stdout.write(`${JSON.stringify({ url: catcher.url, smtpUrl: catcher.smtpUrl })}\n`);
  const stop = () => void catcher.close().then(() => process.exit(0));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  if (values["die-with"] !== undefined) {
    const parent = number("die-with", values["die-with"]);
    setInterval(() => isAlive(parent) || stop(), 1000).unref();
  }
} catch (error) {
  process.stderr.write(`The catcher can't start: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
