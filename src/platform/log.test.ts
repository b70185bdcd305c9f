import { expect, test } from "vitest";
import { createLog } from "./log.ts";

/** The lines that some logging makes. */
function linesOf(level: string, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog(level, { write: (line) => void lines.push(line) }));
  return lines;
}

const word = "horse-battery-staple";

test.each(["password", "token", "secret", "authorization", "userName", "apiKey", "key"])(
  "6.5 a log line never shows %s, at the top or within two levels, nor in what a child carries",
  (name) => {
    const lines = linesOf("debug", (log) => {
      log.info({ [name]: word }, "top");
      log.info({ bridge: { [name]: word, host: "ams.example" } }, "one level");
      log.info({ bridge: { credentials: { [name]: word } } }, "two levels");
      log.child({ [name]: word, settings: { [name]: word } }).warn("child");
      log.error({ err: Object.assign(new Error("refused"), { [name]: word }) }, "error");
    });
    expect(lines).toHaveLength(5);
    for (const line of lines) {
      expect(line).toContain("[secret]");
      expect(line).not.toContain(word);
    }
    expect(lines[1]).toContain("ams.example");
  },
);

test("6.5 a log line is one line of JSON with its level in words and its instant, whatever the message holds", () => {
  const [line = ""] = linesOf("info", (log) => log.warn({ sync: "s1" }, "two\nlines \u001b[31mred"));
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(line).not.toContain("\u001b");
  const { time, ...rest } = JSON.parse(line);
  expect(rest).toEqual({ level: "warn", sync: "s1", msg: "two\nlines \u001b[31mred" });
  expect(() => Temporal.Instant.from(time)).not.toThrow();
});

test("6.5 a log keeps to its level", () => {
  const write = (log: ReturnType<typeof createLog>) => {
    log.debug("debug");
    log.info("info");
    log.warn("warn");
    log.error("error");
  };
  expect(["debug", "info", "warn", "error", "silent"].map((level) => linesOf(level, write).length)).toEqual([
    4, 3, 2, 1, 0,
  ]);
});
