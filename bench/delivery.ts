import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createTransport } from "nodemailer";
import { systemClock } from "../src/platform/clock.ts";
import { Relay } from "../src/platform/mail/relay.ts";
import { composer, writtenOut } from "./delivery-data.ts";

const lanes = 5;

/** The sink in a process of its own. */
export async function startSink(): Promise<{ readonly port: number; stop(): void }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "mail-sink.ts")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface(child.stdout), "line");
  return { port: Number(line), stop: () => void child.kill() };
}

/** Runs lanes over the numbers until all are sent. @returns messages in a second of this process's CPU */
async function perCpuSecond(count: number, lane: (next: () => number | undefined) => Promise<void>): Promise<number> {
  let number = 0;
  const next = () => (number < count ? number++ : undefined);
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: lanes }, () => lane(next)));
  const { user, system } = process.cpuUsage(before);
  return (count * 1e6) / (user + system);
}

/** As delivery sends: composed once, filled and signed for each, handed over by a gate. */
export function sendOurs(port: number, privateKey: ReturnType<typeof makeKey>, count: number): Promise<number> {
  const relay = new Relay(
    {
      url: `smtp://127.0.0.1:${port}`,
      name: "lockstep.example.org",
      connections: lanes,
      rate: 0,
      domainLimits: { connections: lanes, rate: 0 },
    },
    systemClock,
  );
  const compose = composer({ domain: "example.org", selector: "s1", privateKey });
  return perCpuSecond(count, async (next) => {
    for (let number = next(); number !== undefined; number = next()) {
      using session = await relay.borrow();
      const { message, ...envelope } = compose(number);
      const answer = await session.line.send(
        envelope,
        message,
        () => new Promise((resolve) => setImmediate(resolve, true)),
      );
      if (answer.kind !== "reply" || answer.code !== 250) throw new Error(`not sent: ${JSON.stringify(answer)}`);
    }
  }).finally(() => relay.close());
}

/** As the mail library's own pool sends the same. @param key PEM as its documentation has it, or a key object */
async function sendTheirs(port: number, key: unknown, count: number): Promise<number> {
  const dkim = { domainName: "example.org", keySelector: "s1", privateKey: key as string };
  const pool = createTransport({
    pool: true,
    host: "127.0.0.1",
    port,
    maxConnections: lanes,
    maxMessages: Number.POSITIVE_INFINITY,
    ignoreTLS: true,
    dkim,
  });
  const rate = await perCpuSecond(count, async (next) => {
    for (let number = next(); number !== undefined; number = next()) await pool.sendMail(writtenOut(number));
  });
  pool.close();
  return rate;
}

export function makeKey() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}

export interface SendingRates {
  readonly ours: number;
  readonly theirs: number;
  /** The library given a key object, which it doesn't document: it reads PEM anew for each message. */
  readonly theirsWithKeyObject: number;
  readonly bytes: number;
}

/** Messages of 10 KB with ten personal values, signed, to a local sink, in a second of the sender's CPU: medians of three. */
export async function measureSending(count: number): Promise<SendingRates> {
  const sink = await startSink();
  const key = makeKey();
  const pem = key.export({ type: "pkcs8", format: "pem" });
  const rounds: Record<"ours" | "theirs" | "theirsWithKeyObject", number[]> = {
    ours: [],
    theirs: [],
    theirsWithKeyObject: [],
  };
  // Both are compiled while they run: a mailing is long.
  await sendOurs(sink.port, key, count / 2);
  await sendTheirs(sink.port, pem, count / 2);
  for (let round = 0; round < 3; round += 1) {
    rounds.ours.push(await sendOurs(sink.port, key, count));
    rounds.theirs.push(await sendTheirs(sink.port, pem, count));
    rounds.theirsWithKeyObject.push(await sendTheirs(sink.port, key, count));
  }
  sink.stop();
  const median = (values: readonly number[]) => values.toSorted((left, right) => left - right)[1] ?? 0;
  const bytes = composer({ domain: "example.org", selector: "s1", privateKey: key })(0).message.length;
  return {
    ours: median(rounds.ours),
    theirs: median(rounds.theirs),
    theirsWithKeyObject: median(rounds.theirsWithKeyObject),
    bytes,
  };
}

if (import.meta.main)
  process.stdout.write(`${JSON.stringify(await measureSending(Number(process.argv[2]) || 6000))}\n`);
