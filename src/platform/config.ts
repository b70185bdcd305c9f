import { Resolver } from "node:dns";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { ProductError } from "./errors.ts";

/** How each option is read, what it means, and what stands when nobody sets it: env, `--help` and docs come from here. */
interface Option<T> {
  readonly name: `LOCKSTEP_${string}`;
  readonly sentence: string;
  readonly type: z.ZodType<T, string>;
  readonly fallback: T;
  readonly isSecret?: true;
}

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, "write it in digits only")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `it goes from ${least} to ${most}`);
const flag = z
  .string()
  .toLowerCase()
  .refine((text) => ["true", "false", "yes", "no", "on", "off", "1", "0"].includes(text), "write true or false")
  .transform((text) => ["true", "yes", "on", "1"].includes(text));
const text = z.string().min(1, "it is empty");
const key = z
  .string()
  .refine(
    (value) => Buffer.from(value, "base64").length === 32,
    "it must be 32 random bytes in base64: openssl rand -base64 32",
  );
const postgresUrl = z
  .string()
  .refine(
    (value) => /^postgres(ql)?:\/\//.test(value) && URL.canParse(value),
    "write it like postgres://user:password@host:5432/lockstep; characters such as @ : / # % in the password are percent-encoded",
  );

const siteUrl = z
  .string()
  .refine((value) => URL.canParse(value), "write it like https://lockstep.example.org")
  .refine(
    (value) => !URL.canParse(value) || /^https:$/.test(new URL(value).protocol) || isLoopbackUrl(value),
    "passwords must not go in clear: put TLS before it and write https://",
  )
  .refine(
    (value) => !URL.canParse(value) || new URL(value).href === `${new URL(value).origin}/`,
    "it has a path; write the origin alone, like https://lockstep.example.org",
  )
  .transform((value) => (URL.canParse(value) ? new URL(value).origin : value));
const webUrl = z
  .string()
  .refine((value) => /^https?:\/\//.test(value) && URL.canParse(value), "write it like http://127.0.0.1:9090");
const smtpUrl = z
  .string()
  .refine(
    (value) => /^smtps?:\/\/./.test(value) && URL.canParse(value),
    "write it like smtp://user:password@host:587; characters such as @ : / # % in the password are percent-encoded",
  );
const imapUrl = z
  .string()
  .refine(
    (value) => /^imaps?:\/\/./.test(value) && URL.canParse(value),
    "write it like imaps://user:password@host/INBOX; characters such as @ : / # % in the password are percent-encoded",
  );
const domainName = z
  .string()
  .toLowerCase()
  .regex(/^(?=.{1,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$/, "write it like bounces.example.org");
const addresses = z
  .string()
  .transform((value) => value.split(",").map((entry) => entry.trim()))
  .refine(
    (entries) => entries.every((entry) => ipaddr.isValid(entry) || ipaddr.isValidCIDR(entry)),
    "write addresses or networks like 10.0.0.0/8, with commas between",
  );

const nameServers = z
  .string()
  .transform((value) => value.split(",").map((entry) => entry.trim()))
  .refine(areNameServers, "write addresses like 192.0.2.53 or 192.0.2.53:5353, with commas between");

const option = <T>(
  name: Option<T>["name"],
  type: z.ZodType<T, string>,
  fallback: NoInfer<T>,
  sentence: string,
  isSecret?: true,
): Option<T> => ({ name, type, fallback, sentence, ...(isSecret && { isSecret }) });

const options = {
  databaseUrl: option<string | undefined>(
    "LOCKSTEP_DATABASE_URL",
    postgresUrl,
    undefined,
    "A PostgreSQL server, 15 or newer. Without it Lockstep starts an embedded one under the data folder.",
    true,
  ),
  dataDir: option("LOCKSTEP_DATA_DIR", text, "./data", "Where the embedded database and the key file live."),
  host: option("LOCKSTEP_HOST", text, "127.0.0.1", "Address to listen on."),
  port: option("LOCKSTEP_PORT", whole(0, 65535), 8080, "Port to listen on; 0 takes a free one."),
  baseUrl: option<string | undefined>(
    "LOCKSTEP_BASE_URL",
    siteUrl,
    undefined,
    "Address that people open, for links in mails and for cookies: https://… Without it, this machine alone is served.",
  ),
  publicUrl: option<string | undefined>(
    "LOCKSTEP_PUBLIC_URL",
    siteUrl,
    undefined,
    "Origin of what stands in mails: pictures, tracked links, unsubscribe pages. Without it, LOCKSTEP_BASE_URL.",
  ),
  bounceDomain: option<string | undefined>(
    "LOCKSTEP_BOUNCE_DOMAIN",
    domainName,
    undefined,
    "Domain whose mail comes to Lockstep: bounces return to it, each naming its recipient. Without it, to the sender's own address.",
  ),
  spfTerm: option<string | undefined>(
    "LOCKSTEP_SPF_TERM",
    z
      .string()
      .regex(/^(include|a|mx|ip4|ip6|exists):[\w.:/%{}-]{1,200}$/, "write one term, like include:spf.example.net"),
    undefined,
    "What SPF records of sending domains must name: include:spf.relay.example or ip4:203.0.113.7. Without it, the host of LOCKSTEP_PUBLIC_URL.",
  ),
  dnsServers: option<readonly string[]>(
    "LOCKSTEP_DNS_SERVERS",
    nameServers,
    [],
    "Name servers that sending domains are checked by: 192.0.2.53 or 192.0.2.53:5353, comma-separated. Without it, the system's.",
  ),
  bounceSmtpPort: option<number | undefined>(
    "LOCKSTEP_BOUNCE_SMTP_PORT",
    whole(0, 65535),
    undefined,
    "Port on which this process takes bounces by SMTP, for LOCKSTEP_BOUNCE_DOMAIN alone; 0 takes a free one. Without it, it takes none.",
  ),
  bounceSmtpHost: option(
    "LOCKSTEP_BOUNCE_SMTP_HOST",
    text,
    "127.0.0.1",
    "Address to take bounces on: 0.0.0.0 where the world's mail servers reach it themselves.",
  ),
  bounceImapUrl: option<string | undefined>(
    "LOCKSTEP_BOUNCE_IMAP_URL",
    imapUrl,
    undefined,
    "Mailbox that bounces come to, looked into every minute: imaps://user:password@host/INBOX. Without it, none.",
    true,
  ),
  trustedProxies: option<readonly string[]>(
    "LOCKSTEP_TRUSTED_PROXIES",
    addresses,
    [],
    "Addresses or networks (10.0.0.0/8), comma-separated, whose X-Forwarded-For is believed. Without it, nobody's.",
  ),
  smtpUrl: option<string | undefined>(
    "LOCKSTEP_SMTP_URL",
    smtpUrl,
    undefined,
    "Relay that mail leaves by: smtp://user:password@host:587 or smtps://…. Without it, administrators hand links on, and no mailing is sent.",
    true,
  ),
  smtpConnections: option(
    "LOCKSTEP_SMTP_CONNECTIONS",
    whole(1, 100),
    5,
    "Sessions with the relay that one worker process holds for mailings at once.",
  ),
  smtpRate: option(
    "LOCKSTEP_SMTP_RATE",
    whole(0, 100_000),
    0,
    "Messages of mailings that one worker process sends in a second; 0 is no limit.",
  ),
  smtpDomainConnections: option(
    "LOCKSTEP_SMTP_DOMAIN_CONNECTIONS",
    whole(1, 100),
    5,
    "Messages of one mailing that one worker process sends to one receiving domain at once.",
  ),
  smtpDomainRate: option(
    "LOCKSTEP_SMTP_DOMAIN_RATE",
    whole(0, 100_000),
    0,
    "Messages of one mailing that one worker process sends to one receiving domain in a second; 0 is no limit.",
  ),
  mailFrom: option("LOCKSTEP_MAIL_FROM", text, "Lockstep <lockstep@localhost>", "Sender of these mails."),
  apiRate: option(
    "LOCKSTEP_API_RATE",
    whole(1, 1_000_000),
    1200,
    "Requests that one API key may make of one process in a minute.",
  ),
  secretKey: option<string | undefined>(
    "LOCKSTEP_SECRET_KEY",
    key,
    undefined,
    "Key that secrets are encrypted with: 32 bytes in base64. Without it, a key file in the data folder.",
    true,
  ),
  metricsToken: option<string | undefined>(
    "LOCKSTEP_METRICS_TOKEN",
    text,
    undefined,
    "Bearer token that /metrics asks for. Without it, /metrics answers on loopback only.",
    true,
  ),
  logLevel: option<"debug" | "info" | "warn" | "error" | "silent">(
    "LOCKSTEP_LOG_LEVEL",
    z.enum(["debug", "info", "warn", "error", "silent"]),
    "info",
    "Least level that is logged: debug, info, warn, error, silent.",
  ),
  concurrency: option("LOCKSTEP_WORKER_CONCURRENCY", whole(1, 64), 8, "Jobs that one worker process runs at once."),
  databasePool: option("LOCKSTEP_DATABASE_POOL", whole(4, 200), 16, "Database connections of one process."),
  allowPrivateAms: option(
    "LOCKSTEP_ALLOW_PRIVATE_AMS",
    flag,
    false,
    "Lets a bridge, or a sign-in provider, be at private and loopback addresses, and at plain http.",
  ),
  allowPrivateWebhooks: option(
    "LOCKSTEP_ALLOW_PRIVATE_WEBHOOKS",
    flag,
    false,
    "Lets a webhook be at private and loopback addresses, and at plain http.",
  ),
  sampleAms: option<string | undefined>(
    "LOCKSTEP_SAMPLE_AMS",
    webUrl,
    undefined,
    "Address of a running 'lockstep simulator': accounts without a bridge may try it as sample data.",
  ),
  amsFirstByteMs: option(
    "LOCKSTEP_AMS_FIRST_BYTE_MS",
    whole(100, 3_600_000),
    120_000,
    "How long the AMS may take to begin its answer, in milliseconds.",
  ),
  amsIdleMs: option(
    "LOCKSTEP_AMS_IDLE_MS",
    whole(100, 3_600_000),
    60_000,
    "How long the AMS may pause within an answer, in milliseconds.",
  ),
  amsAnswerMs: option(
    "LOCKSTEP_AMS_ANSWER_MS",
    whole(100, 86_400_000),
    3_600_000,
    "How long one answer may take as a whole, in milliseconds.",
  ),
  amsAnswerBytes: option(
    "LOCKSTEP_AMS_ANSWER_BYTES",
    whole(1024, 1024 ** 4),
    2 * 1024 ** 3,
    "How large one answer may be, in bytes.",
  ),
  stopMs: option(
    "LOCKSTEP_STOP_MS",
    whole(100, 600_000),
    30_000,
    "How long a stop waits for what runs, in milliseconds.",
  ),
  crashAt: option<string | undefined>(
    "LOCKSTEP_CRASH_AT",
    text,
    undefined,
    "Fault tests: a named point at which the process kills itself.",
  ),
} as const;

function areNameServers(entries: readonly string[]): boolean {
  try {
    new Resolver().setServers(entries);
    return true;
  } catch {
    return false;
  }
}

/** Whether an address is this machine's own, where plain http harms nobody. */
export function isLoopbackUrl(text: string): boolean {
  const { protocol, hostname } = new URL(text);
  return protocol === "http:" && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}

export type Config = { readonly [Name in keyof typeof options]: (typeof options)[Name]["fallback"] };

/** The settings can't be used; the message lists every mistake. */
export class ConfigError extends ProductError {}

/**
 * Reads the settings from the environment.
 * @param overrides flags of the command line, by option name, which go before the environment
 * @throws ConfigError naming every setting that is wrong, never the value of a secret
 */
export function loadConfig(env: NodeJS.ProcessEnv, overrides: Partial<Record<keyof Config, string>> = {}): Config {
  const mistakes = unknownNames(env);
  const entries = Object.entries(options).map(([property, entry]) => {
    const given = overrides[property as keyof Config] ?? env[entry.name];
    if (given === undefined || given.trim() === "") return [property, entry.fallback];
    const parsed = (entry.type as z.ZodType<unknown, string>).safeParse(given.trim());
    if (parsed.success) return [property, parsed.data];
    const value = "isSecret" in entry ? "" : ` '${given.trim()}'`;
    mistakes.push(`${entry.name}${value}: ${parsed.error.issues.map((issue) => issue.message).join("; ")}`);
    return [property, entry.fallback];
  });
  if (mistakes.length > 0)
    throw new ConfigError("bad_config", `The settings can't be used:\n  ${mistakes.join("\n  ")}`);
  return Object.fromEntries(entries) as Config;
}

function unknownNames(env: NodeJS.ProcessEnv): string[] {
  const known: string[] = Object.values(options).map((entry) => entry.name);
  return Object.keys(env)
    .filter((name) => name.startsWith("LOCKSTEP_") && !name.startsWith("LOCKSTEP_TEST_") && !known.includes(name))
    .map((name) => `${name}: there is no such setting; did you mean ${nearest(name, known)}?`);
}

/** The name that shares most pairs of letters with the given one, by Dice's measure. */
function nearest(name: string, known: readonly string[]): string {
  const pairsOf = (word: string) => new Set([...word].map((letter, at) => letter + (word[at + 1] ?? "")));
  const own = pairsOf(name);
  const likeness = (other: string) => own.intersection(pairsOf(other)).size / (own.size + pairsOf(other).size);
  return known.reduce((best, other) => (likeness(other) > likeness(best) ? other : best));
}

/** The table of `docs/operations/configuration.md`; a test holds the two together. */
export function configTable(): string {
  const rows = Object.values(options).map((entry) => {
    const fallback = String(entry.fallback ?? "") === "" ? "—" : `\`${String(entry.fallback)}\``;
    return `| \`${entry.name}\` | ${fallback} | ${entry.sentence} |`;
  });
  return ["| setting | default | meaning |", "|---|---|---|", ...rows].join("\n");
}
