import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished, test } from "vitest";

const program = "/usr/sbin/dovecot";

/** A test that needs Debian's `dovecot-imapd`. Without it, it is left out, and says so; in CI it fails. */
export const testWithDovecot = (process.env.CI || existsSync(program) ? test : test.skip) as typeof test;

export interface DovecotMailbox {
  readonly url: string;
  deliver(raw: string): Promise<void>;
  /** How many mails a folder has; the inbox is `INBOX`. */
  count(folder: string): Promise<number>;
}

/**
 * A mailbox on a real IMAP server, stopped at the test's end.
 * @param layout where folders live: beside the inbox, or, as on many hosts, under `INBOX.`
 */
export async function startDovecot(layout: {
  readonly prefix: string;
  readonly separator: string;
}): Promise<DovecotMailbox> {
  const folder = await mkdtemp(join(tmpdir(), "dovecot-"));
  const isRoot = process.getuid?.() === 0;
  // It refuses to read mails as root.
  const { uid, gid, username } = isRoot ? { uid: 65534, gid: 65534, username: "nobody" } : userInfo();
  const group = execFileSync("id", ["-gn", username], { encoding: "utf8" }).trim();
  const mail = join(folder, "mail");
  const port = await freePort();
  await chmod(folder, 0o755);
  for (const name of ["", "new", "cur", "tmp"]) {
    await mkdir(join(mail, name), { recursive: true });
    if (isRoot) await chown(join(mail, name), uid, gid);
  }
  await writeFile(join(folder, "users"), "bounces:{PLAIN}p@ss\n", { mode: 0o644 });
  await writeFile(join(folder, "conf"), settings({ folder, mail, port, username, group, uid, gid, ...layout }));
  const server = spawn(program, ["-F", "-c", join(folder, "conf")], {
    stdio: "ignore",
  });
  onTestFinished(async () => {
    await stop(server);
    await rm(folder, { recursive: true, force: true });
  });
  await untilReady(server, port);
  let delivered = 0;
  return {
    url: `imap://bounces:p%40ss@127.0.0.1:${port}/INBOX`,
    async deliver(raw) {
      delivered += 1;
      const path = join(mail, "new", `${delivered}.test`);
      await writeFile(path, raw, "latin1");
      if (isRoot) await chown(path, uid, gid);
    },
    async count(name) {
      const place = name === "INBOX" ? mail : join(mail, `.${name}`);
      const files = await Promise.all(["new", "cur"].map((part) => readdir(join(place, part)).catch(() => [])));
      return files.flat().length;
    },
  };
}

interface Settings {
  readonly folder: string;
  readonly mail: string;
  readonly port: number;
  readonly username: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
  readonly prefix: string;
  readonly separator: string;
}

const settings = ({ folder, mail, port, username, group, uid, gid, prefix, separator }: Settings) => `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_login_user = ${username}
default_internal_user = ${username}
default_internal_group = ${group}
first_valid_uid = 1
mail_location = maildir:${mail}
namespace inbox {
  inbox = yes
  prefix = ${prefix}
  separator = ${separator}
}
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${mail}
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilReady(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; server.exitCode === null && tries < 100; tries += 1) {
    const isUp = await fetch(`http://127.0.0.1:${port}`).then(
      () => true,
      (error: { cause?: { code?: string } }) => error.cause?.code !== "ECONNREFUSED",
    );
    if (isUp) return;
    await wait(100);
  }
  throw new Error("Dovecot did not start");
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null) return;
  server.kill("SIGTERM");
  await once(server, "exit");
}
