import type { Command } from "commander";
import type { ApiKeyId } from "../domain/accounts/account.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "../domain/accounts/api-keys.ts";
import { createAccount, listAccounts } from "../domain/accounts/create-account.ts";
import { roles } from "../domain/accounts/permissions.rules.ts";
import { InvalidInputError } from "../platform/errors.ts";
import { accountOf, appCommand, commandLineActor, exitCodes, type Shell } from "./command.ts";

/** Accounts and their keys. */
export function addAccounts(program: Command): void {
  const account = program.command("account").description("accounts of this installation");
  appCommand(account, "create", "make an account", async (shell: Shell, name: string, options: { zone: string }) => {
    shell.result(
      await createAccount(shell.app.ctx, name, options.zone, commandLineActor()),
      (made) => `${made.id}  ${made.name}`,
    );
    return exitCodes.ok;
  })
    .argument("<name>")
    .option("--zone <IANA name>", "its time zone", Temporal.Now.timeZoneId());
  appCommand(account, "list", "all accounts", async (shell: Shell) => {
    shell.result(await listAccounts(shell.app.ctx), (all) =>
      all.map((one) => `${one.id}  ${one.name}  ${one.timeZone}`).join("\n"),
    );
    return exitCodes.ok;
  });
  const key = program.command("api-key").description("keys for the HTTP API");
  appCommand(
    key,
    "create",
    "make a key; it is shown this once",
    async (shell: Shell, name: string, options: { role: string }) => {
      const role = roles.find((known) => known === options.role);
      if (!role) throw new InvalidInputError([{ path: "--role", message: `write one of ${roles.join(", ")}` }]);
      shell.result(await createApiKey(await accountOf(shell), name, role), (made) => made.token);
      return exitCodes.ok;
    },
  )
    .argument("<name>")
    .option("--role <role>", roles.join(", "), "administrator");
  appCommand(key, "list", "keys, without what is secret", async (shell: Shell) => {
    shell.result(await listApiKeys(await accountOf(shell)), (all) =>
      all
        .map(
          (one) =>
            `${one.id}  ${one.hint}  ${one.name}  ${one.revokedAt ? `revoked ${one.revokedAt}` : `last used ${one.lastUsedAt ?? "never"}`}`,
        )
        .join("\n"),
    );
    return exitCodes.ok;
  });
  appCommand(key, "revoke", "revoke a key, at once", async (shell: Shell, id: string) => {
    await revokeApiKey(await accountOf(shell), id as ApiKeyId);
    shell.result({ revoked: id }, () => "Revoked.");
    return exitCodes.ok;
  }).argument("<id>");
}
