import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError, configTable, loadConfig } from "./config.ts";

/** What loading says, or undefined when it has nothing to object to. */
function mistakesOf(env: NodeJS.ProcessEnv, overrides: Parameters<typeof loadConfig>[1] = {}): string | undefined {
  try {
    loadConfig(env, overrides);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const names = [...configTable().matchAll(/`(LOCKSTEP_\w+)`/g)].map(([, name = ""]) => name);

test("settings stand by themselves: with nothing set, every one has its default", () => {
  expect(loadConfig({ PATH: "/bin" })).toEqual({
    databaseUrl: undefined,
    spfTerm: undefined,
    dnsServers: [],
    dataDir: "./data",
    host: "127.0.0.1",
    port: 8080,
    baseUrl: undefined,
    publicUrl: undefined,
    bounceDomain: undefined,
    bounceSmtpPort: undefined,
    bounceSmtpHost: "127.0.0.1",
    bounceImapUrl: undefined,
    trustedProxies: [],
    smtpUrl: undefined,
    smtpConnections: 5,
    smtpRate: 0,
    smtpDomainConnections: 5,
    smtpDomainRate: 0,
    mailFrom: "Lockstep <lockstep@localhost>",
    apiRate: 1200,
    secretKey: undefined,
    metricsToken: undefined,
    logLevel: "info",
    concurrency: 8,
    databasePool: 16,
    allowPrivateAms: false,
    allowPrivateWebhooks: false,
    sampleAms: undefined,
    amsFirstByteMs: 120_000,
    amsIdleMs: 60_000,
    amsAnswerMs: 3_600_000,
    amsAnswerBytes: 2_147_483_648,
    stopMs: 30_000,
    crashAt: undefined,
  });
});

test("settings that are empty or blank count as not set", () => {
  const blank = Object.fromEntries(names.map((name, index) => [name, index % 2 === 0 ? "" : "  "]));
  expect(loadConfig(blank)).toEqual(loadConfig({}));
});

test("settings of the command line go before the environment, and are held to the same rules", () => {
  expect(loadConfig({ LOCKSTEP_PORT: "81" }, { port: "82" }).port).toBe(82);
  expect(mistakesOf({ LOCKSTEP_PORT: "81" }, { port: "x" })).toContain("LOCKSTEP_PORT 'x'");
});

test.each([
  ["LOCKSTEP_PORT", "port", ["0", "65535"], ["65536", "-1", "8080.0", "0x50", "1e3", "eighty"]],
  ["LOCKSTEP_BOUNCE_SMTP_PORT", "bounceSmtpPort", ["0", "25"], ["65536", "smtp"]],
  ["LOCKSTEP_WORKER_CONCURRENCY", "concurrency", ["1", "64"], ["0", "65"]],
  ["LOCKSTEP_DATABASE_POOL", "databasePool", ["4", "200"], ["3", "201"]],
  ["LOCKSTEP_STOP_MS", "stopMs", ["100", "600000"], ["99", "600001", "30s"]],
] as const)(
  "settings in whole numbers: %s takes both its bounds and nothing outside them",
  (name, property, good, bad) => {
    for (const value of good) expect(loadConfig({ [name]: value })[property]).toBe(Number(value));
    for (const value of bad) expect(mistakesOf({ [name]: value })).toContain(`${name} '${value}': `);
  },
);

test("settings that are switches understand the words for yes and no, and no others", () => {
  const read = (LOCKSTEP_ALLOW_PRIVATE_AMS: string) => loadConfig({ LOCKSTEP_ALLOW_PRIVATE_AMS }).allowPrivateAms;
  for (const yes of ["true", "TRUE", "yes", "on", "1", " 1 "]) expect(read(yes)).toBe(true);
  for (const no of ["false", "False", "no", "off", "0"]) expect(read(no)).toBe(false);
  expect(mistakesOf({ LOCKSTEP_ALLOW_PRIVATE_AMS: "maybe" })).toContain("'maybe': write true or false");
});

test("settings that are wrong are all reported together, each on a line with its name, value and reason", () => {
  const message = mistakesOf({
    LOCKSTEP_PORT: "99999",
    LOCKSTEP_LOG_LEVEL: "loud",
    LOCKSTEP_WORKER_CONCURENCY: "4",
    LOCKSTEP_DATABASE_URL: "mysql://host/db",
    LOCKSTEP_SECRET_KEY: "short",
  });
  const [title, ...lines] = (message ?? "").split("\n");
  expect(title).toBe("The settings can't be used:");
  expect(lines).toHaveLength(5);
  for (const part of [
    "LOCKSTEP_PORT '99999': it goes from 0 to 65535",
    "LOCKSTEP_LOG_LEVEL 'loud': ",
    "LOCKSTEP_WORKER_CONCURENCY: there is no such setting; did you mean LOCKSTEP_WORKER_CONCURRENCY?",
    "LOCKSTEP_DATABASE_URL: write it like postgres://",
    "LOCKSTEP_SECRET_KEY: it must be 32 random bytes in base64: openssl rand -base64 32",
  ]) {
    expect(lines.filter((line) => line.trim().startsWith(part))).toHaveLength(1);
  }
});

test("settings that are secret are never shown, however wrong they are", () => {
  const word = "horse-battery-staple";
  const message = mistakesOf({
    LOCKSTEP_DATABASE_URL: `postgres://lockstep:${word}#1@host:99999/db`,
    LOCKSTEP_SECRET_KEY: word,
    LOCKSTEP_METRICS_TOKN: word,
  });
  expect(message).toContain("LOCKSTEP_DATABASE_URL: ");
  expect(message).toContain("LOCKSTEP_SECRET_KEY: ");
  expect(message).toContain("did you mean LOCKSTEP_METRICS_TOKEN?");
  expect(message).not.toContain(word);
});

/** A name with one letter missing, and with one doubled, at each place after `LOCKSTEP_`. */
function slipsOf(name: string): string[] {
  return Array.from({ length: name.length - 9 }, (_, step) => step + 9).flatMap((at) => {
    const [before, letter, after] = [name.slice(0, at), name.charAt(at), name.slice(at + 1)];
    return [`${before}${after}`, `${before}${letter}${letter}${after}`];
  });
}

test("settings with one letter missing or doubled are answered with the one that was meant", () => {
  const slips = names.flatMap((name) => slipsOf(name).map((slip) => ({ slip, name })));
  const unknown = slips.filter(({ slip }) => !names.includes(slip));
  expect(unknown.length).toBeGreaterThan(300);
  for (const { slip, name } of unknown) {
    expect(mistakesOf({ [slip]: "x" })).toContain(`${slip}: there is no such setting; did you mean ${name}?`);
  }
});

test("settings of other programs, and those of the tests, are left alone", () => {
  expect(mistakesOf({ LOCKSTEPPER: "1", OTHER_LOCKSTEP_X: "1", LOCKSTEP_TEST_DATABASE_URL: "x" })).toBeUndefined();
});

test("settings may hold anything at all: loading answers with settings or with a ConfigError", () => {
  const value = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => `postgres://${text}`),
    fc.integer().map(String),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), value), (env) => {
      expect(mistakesOf(env) ?? "The settings can't be used:\n").toContain("The settings can't be used:\n");
    }),
    { numRuns: 50 },
  );
});

test("settings are documented as they are: the page's table is the program's", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "operations", "configuration.md"), "utf8");
  const table = /<!-- settings -->\n(.*)\n<!-- \/settings -->/s.exec(page)?.[1];
  expect(table).toBe(configTable());
});
