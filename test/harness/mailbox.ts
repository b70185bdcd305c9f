import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface Mailbox {
  readonly url: string;
  /** Mails by folder. */
  readonly folders: Map<string, Map<number, string>>;
  deliver(raw: string): void;
}

/** A mailbox that speaks as much IMAP (RFC 3501, RFC 6851) as a look into it needs; closed at the test's end. */
export async function startMailbox(): Promise<Mailbox> {
  const folders = new Map([["INBOX", new Map<number, string>()]]);
  let uids = 0;
  const server = createServer((socket) => converse(socket, folders));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `imap://bounces:p%40ss@127.0.0.1:${port}/INBOX`,
    folders,
    deliver(raw) {
      uids += 1;
      folders.get("INBOX")?.set(uids, raw);
    },
  };
}

function converse(socket: Socket, folders: Map<string, Map<number, string>>): void {
  const say = (line: string) => socket.write(`${line}\r\n`, "latin1");
  const inbox = () => folders.get("INBOX") ?? new Map<number, string>();
  say("* OK [CAPABILITY IMAP4rev1 MOVE] ready");
  socket.on("error", () => {});
  createInterface({ input: socket }).on("line", (line) => {
    const [tag = "", ...words] = line.split(" ");
    const command = words.join(" ");
    const done = (text = "done") => say(`${tag} OK ${text}`);
    if (/^CAPABILITY/i.test(command)) say("* CAPABILITY IMAP4rev1 MOVE");
    if (/^LOGIN/i.test(command) && !/"?bounces"? "?p@ss"?/.test(command)) return say(`${tag} NO wrong password`);
    if (/^LIST "" ""/i.test(command)) say('* LIST (\\Noselect) "/" ""');
    else if (/^LIST/i.test(command)) for (const name of folders.keys()) say(`* LIST (\\HasNoChildren) "/" ${name}`);
    if (/^CREATE/i.test(command)) folders.set((words[1] ?? "").replaceAll('"', ""), new Map());
    if (/^SELECT/i.test(command)) {
      say(`* ${inbox().size} EXISTS`);
      say("* FLAGS (\\Seen)");
      say("* OK [UIDVALIDITY 1] ok");
      return done("[READ-WRITE] done");
    }
    if (/^UID SEARCH/i.test(command)) say(`* SEARCH ${[...inbox().keys()].join(" ")}`);
    if (/^UID FETCH/i.test(command)) {
      const uid = Number(words[2]);
      const raw = inbox().get(uid) ?? "";
      const at = [...inbox().keys()].indexOf(uid) + 1;
      say(`* ${at} FETCH (UID ${uid} BODY[]<0> {${raw.length}}\r\n${raw})`);
    }
    if (/^UID MOVE/i.test(command)) {
      const to = folders.get((words[3] ?? "").replaceAll('"', "")) ?? new Map<number, string>();
      for (const uid of (words[2] ?? "").split(",").map(Number)) {
        const at = [...inbox().keys()].indexOf(uid) + 1;
        to.set(uid, inbox().get(uid) ?? "");
        inbox().delete(uid);
        say(`* ${at} EXPUNGE`);
      }
    }
    if (/^LOGOUT/i.test(command)) say("* BYE");
    done();
    if (/^LOGOUT/i.test(command)) socket.end();
  });
}
