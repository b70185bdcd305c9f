import { styleText } from "node:util";
import { type Command, Option } from "commander";
import { configureBridge } from "../domain/bridges/configure-bridge.ts";
import { testConnection } from "../domain/syncs/test-connection.ts";
import type { TargetGroup } from "../domain/target-groups/target-group.ts";
import { InvalidInputError } from "../platform/errors.ts";
import { accountOf, appCommand, exitCodes, type Shell } from "./command.ts";
import { number } from "./follow-sync.ts";
import { listAllGroups } from "./list-groups.ts";

/** The bridge, and the groups that come over it. */
export function addBridge(program: Command): void {
  const bridge = program.command("bridge").description("the connection to the AMS");
  appCommand(bridge, "set", "set up or change the bridge", setBridge)
    .option("--url <url>", "base address of the site")
    .option("--user <name>")
    .option("--password-stdin", "read the password from standard input")
    .addOption(new Option("--active <yes|no>", "whether anything may call the AMS").choices(["yes", "no"]))
    .option("--sessions <n>", "sessions at once")
    .option("--nightly-hour <0-23>")
    .option("--preference-link <url>", "the AMS's preference page, with {customer_key}; empty for none");
  appCommand(bridge, "test", "Test connection: try everything that the bridge needs", async (shell: Shell) => {
    const report = await testConnection(await accountOf(shell), AbortSignal.timeout(120_000));
    const marks = { ok: styleText("green", "✓"), failed: styleText("red", "✗"), skipped: "·" };
    shell.result(report, ({ steps }) =>
      steps.map((step) => `${marks[step.outcome]} ${step.title}: ${step.message}`).join("\n"),
    );
    return report.ok ? exitCodes.ok : exitCodes.failed;
  });
  appCommand(
    program,
    "groups",
    "target groups with their counts",
    async (shell: Shell, options: { search?: string }) => {
      shell.result(await listAllGroups(await accountOf(shell), options.search), (groups) =>
        groups.length === 0
          ? "There are none. Bring the list in step: lockstep sync list --wait"
          : groups.map(groupLine).join("\n"),
      );
      return exitCodes.ok;
    },
  ).option("--search <text>", "part of the name");
}

function groupLine(group: TargetGroup): string {
  const counted =
    group.countState === "not_yet_counted"
      ? "not yet counted"
      : `${group.countState === "error" ? "error, last good read" : "counted at"} ${group.countedAt ?? "never"}`;
  const missing = group.missingSince ? "  missing in netFORUM Pro" : "";
  return `${group.id}  ${group.name.padEnd(44).slice(0, 44)} ${number(group.counts.sendable).padStart(11)} sendable  ${counted}${missing}`;
}

async function setBridge(
  shell: Shell,
  options: {
    url?: string;
    user?: string;
    passwordStdin?: boolean;
    active?: string;
    sessions?: string;
    nightlyHour?: string;
    preferenceLink?: string;
  },
): Promise<number> {
  const ctx = await accountOf(shell);
  let password: string | undefined;
  if (options.passwordStdin) {
    password = "";
    for await (const chunk of process.stdin.setEncoding("utf8")) password += chunk;
    password = password.replace(/\r?\n$/, "");
  }
  const whole = (name: string, text: string | undefined) => {
    if (text !== undefined && !/^\d{1,4}$/.test(text))
      throw new InvalidInputError([{ path: name, message: `'${text}' is no whole number` }]);
    return text === undefined ? undefined : Number(text);
  };
  const bridge = await configureBridge(ctx, {
    baseUrl: options.url,
    userName: options.user,
    password,
    isActive: options.active === undefined ? undefined : options.active === "yes",
    sessionLimit: whole("--sessions", options.sessions),
    nightlyHour: whole("--nightly-hour", options.nightlyHour),
    preferenceLink: options.preferenceLink,
  });
  shell.result(
    bridge,
    (saved) =>
      `Saved: ${saved.baseUrl} as ${saved.userName}, ${saved.isActive ? "active" : "switched off"}. Try it: lockstep bridge test`,
  );
  return exitCodes.ok;
}
