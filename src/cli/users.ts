import { styleText } from "node:util";
import type { Command } from "commander";
import { disableByOperator, listEveryUser, resetPasswordByOperator } from "../domain/accounts/change-user.ts";
import { listAccounts } from "../domain/accounts/create-account.ts";
import { createUser } from "../domain/accounts/create-user.ts";
import { type Role, roles } from "../domain/accounts/permissions.rules.ts";
import type { User } from "../domain/accounts/user.ts";
import { InvalidInputError } from "../platform/errors.ts";
import { accountOf, appCommand, commandLineActor, exitCodes, type Shell } from "./command.ts";

/** People who sign in, for the operator. */
export function addUsers(program: Command): void {
  const user = program.command("user").description("people who sign in");
  appCommand(user, "create", "make a user; the password is shown this once", createUserByOperator)
    .argument("<e-mail>")
    .requiredOption("--name <name>")
    .option("--role <role>", roles.join(", "), "viewer")
    .option("--staff", "of the operator: may enter any account");
  appCommand(user, "list", "everybody who signs in", async (shell: Shell) => {
    const accounts = new Map((await listAccounts(shell.app.ctx)).map(({ id, name }) => [id, name]));
    shell.result(await listEveryUser(shell.app.ctx), (all) =>
      all
        .map((one) => `${one.email.padEnd(32)} ${describe(one)}  ${one.accountId ? accounts.get(one.accountId) : ""}`)
        .join("\n"),
    );
    return exitCodes.ok;
  });
  appCommand(user, "reset-password", "make a new password; it is shown this once", resetPassword)
    .argument("<e-mail>")
    .option("--second-factor", "forget the second factor too");
  appCommand(user, "disable", "end a user's sign-in, at once", async (shell: Shell, email: string) => {
    shell.result(await disableByOperator(shell.app.ctx, email), (one) => `${one.email} can't sign in any more.`);
    return exitCodes.ok;
  }).argument("<e-mail>");
}

function describe(user: User): string {
  const state = user.disabledAt ? "disabled" : user.hasPassword ? "active" : "invited";
  return `${(user.role ?? "staff").padEnd(13)} ${state.padEnd(8)} ${user.hasSecondFactor ? "second factor" : "password only"}`;
}

async function createUserByOperator(
  shell: Shell,
  email: string,
  options: { readonly name: string; readonly role: string; readonly staff?: boolean },
): Promise<number> {
  const role = roles.find((known) => known === options.role);
  if (!role)
    throw new InvalidInputError([{ path: "--role", message: `'${options.role}' is none of ${roles.join(", ")}` }]);
  const belongs: { accountId: User["accountId"]; role: Role | null } = options.staff
    ? { accountId: null, role: null }
    : { accountId: (await accountOf(shell)).accountId, role };
  const made = await createUser(shell.app.ctx, { email, name: options.name, ...belongs }, commandLineActor());
  shell.result({ ...made.user, password: made.password }, (one) => sayPassword(one.email, one.password));
  return exitCodes.ok;
}

async function resetPassword(
  shell: Shell,
  email: string,
  options: { readonly secondFactor?: boolean },
): Promise<number> {
  const withSecondFactor = options.secondFactor ?? false;
  const password = await resetPasswordByOperator(shell.app.ctx, email, { withSecondFactor }, commandLineActor());
  shell.result({ email, password }, (one) => sayPassword(one.email, one.password));
  return exitCodes.ok;
}

function sayPassword(email: string, password: string): string {
  return `${email}   password, shown this once: ${styleText("bold", password)}`;
}
