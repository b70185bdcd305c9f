import { type DestinationStream, pino } from "pino";

/** Structured lines with levels; children carry account, bridge and sync. What heals itself is a warning. */
export type Log = ReturnType<typeof createLog>;

const secretNames = ["password", "token", "secret", "authorization", "userName", "apiKey", "key"];

/**
 * JSON lines, each secret-looking field replaced wherever it stands within two levels.
 * @param level pino's: `debug`, `info`, `warn`, `error`, `silent`
 */
export function createLog(level: string, destination?: DestinationStream) {
  const paths = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths, censor: "[secret]" },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
}
