import { once } from "node:events";
import { connect } from "node:net";
import { sql } from "kysely";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import { clientOf, serveApi } from "../../test/harness/api.ts";
import { reportOf } from "../../test/harness/bounces.ts";
import { bounceDomain, createInstance, type InstanceOptions, type TestInstance } from "../../test/harness/mailing.ts";
import { createWorld, type World } from "../../test/harness/world.ts";
import { findSubscriber } from "../domain/subscribers/find-subscribers.ts";
import { must } from "../platform/errors.ts";
import { listenForBounces } from "./listen-for-bounces.ts";

interface Bouncing extends World {
  readonly instance: TestInstance;
  readonly port: number;
  /** Hands a mail over by SMTP. @returns the server's refusal, or null */
  send(to: string, raw: string): Promise<string | null>;
  /** A report on one recipient, with their own return path. */
  bounce(place: number, status: string, said: string): Promise<string | null>;
  standing(place: number): Promise<string>;
  recipient(place: number): Promise<{ state: string; kind: string | null; complained: boolean }>;
}

async function createBouncing(options: InstanceOptions = {}): Promise<Bouncing> {
  const world = await createWorld();
  const { own, query } = world;
  await own.listSync();
  await own.sync("Everybody");
  const instance = await createInstance(own.ctx, options);
  const listener = await listenForBounces({ ...world.ctx, bounceDomain }, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => listener.close());
  const transport = createTransport({ host: "127.0.0.1", port: listener.port, ignoreTLS: true });
  const send: Bouncing["send"] = async (to, raw) =>
    transport.sendMail({ envelope: { from: "", to: [to] }, raw }).then(
      () => null,
      (error: { response?: string }) => error.response ?? String(error),
    );
  const at = (place: number) => must(instance.recipients[place - 1], "there is such a recipient");
  return {
    ...world,
    instance,
    port: listener.port,
    send,
    bounce: (place, status, said) => {
      const to = instance.returnPath(place);
      return send(to, reportOf({ to, about: at(place).email, status, said }));
    },
    standing: async (place) => (await findSubscriber(own.ctx, at(place).subscriberId)).standing,
    recipient: async (place) =>
      must(
        (
          await query(sql<{ state: string; kind: string | null; complained: boolean }>`
            select state, bounce_kind as kind, complained_at is not null as complained from recipient where place = ${place}`)
        )[0],
        "there is such a recipient",
      ),
  };
}

test("4.5 a hard bounce marks the address, a full mailbox doesn't, and what is the sender's fault says nothing of the person", async () => {
  const world = await createBouncing({ to: 4 });
  await world.bounce(1, "5.1.1", "550 5.1.1 user unknown");
  await world.bounce(2, "5.2.2", "552 5.2.2 mailbox full");
  await world.bounce(3, "5.7.1", "550 5.7.1 blocked by policy");
  const to = world.instance.returnPath(4);
  await world.send(to, reportOf({ to, about: "x@y.zz", status: "4.4.7", said: "still trying", action: "delayed" }));
  expect(await Promise.all([1, 2, 3, 4].map(world.standing))).toEqual([
    "bad_email",
    "sendable",
    "sendable",
    "sendable",
  ]);
  expect(await Promise.all([1, 2, 3, 4].map(world.recipient))).toMatchObject([
    { state: "bounced", kind: "hard" },
    { state: "bounced", kind: "soft" },
    { state: "refused", kind: "policy" },
    { state: "sent", kind: null },
  ]);
  const [soft] = await world.query(sql<{ count: number }>`select count(*) from subscriber where soft_bounces = 1`);
  expect(soft?.count).toBe(1);
});

test("4.5 there is one verdict for a send, however often a report comes, and none for what wasn't sent", async () => {
  const world = await createBouncing();
  await world.bounce(1, "5.2.2", "552 5.2.2 mailbox full");
  for (let again = 0; again < 5; again += 1) expect(await world.bounce(1, "5.1.1", "550 user unknown")).toBeNull();
  expect([await world.standing(1), (await world.recipient(1)).kind]).toEqual(["sendable", "soft"]);
  await world.query(sql`update recipient set state = 'waiting', sent_at = null where place = 2`);
  await world.bounce(2, "5.1.1", "550 user unknown");
  expect([await world.standing(2), (await world.recipient(2)).state]).toEqual(["sendable", "waiting"]);
});

test("4.4 a bounce shows that an unsure recipient was sent the mail; one that is still handed over is asked again", async () => {
  const world = await createBouncing({ recipients: "unsure" });
  await world.bounce(1, "5.1.1", "550 5.1.1 user unknown");
  const [row] = await world.query(
    sql<{ sent: boolean }>`select sent_at is not null as sent from recipient where place = 1`,
  );
  expect([await world.recipient(1), row?.sent]).toMatchObject([{ state: "bounced" }, true]);
  await world.query(sql`update recipient set state = 'handing_over', claimed_by = gen_random_uuid() where place = 2`);
  expect(await world.bounce(2, "5.1.1", "550 5.1.1 user unknown")).toMatch(/^451/);
  expect(await world.standing(2)).toBe("sendable");
  await world.query(sql`update recipient set state = 'sent' where place = 2`);
});

test("4.5 a thousand forged reports change nothing: refused at the address, whatever they say", async () => {
  const world = await createBouncing();
  const path = world.instance.returnPath(1);
  const [local = ""] = path.split("@");
  const forged = Array.from({ length: 1000 }, (_, at) => {
    const place = 2 + (at % 48);
    const other = local[place] === "a" ? "b" : "a";
    return `${local.slice(0, place)}${other}${local.slice(place + 1)}@${bounceDomain}`;
  });
  const others = [
    `${local}@elsewhere.example`,
    `postmaster@${bounceDomain}`,
    "maria@example.org",
    `b-x@${bounceDomain}`,
  ];
  const socket = connect(world.port, "127.0.0.1");
  const lines = [...forged, ...others].map((to) => `RCPT TO:<${to}>\r\n`);
  const said = await converse(socket, ["EHLO test\r\n", "MAIL FROM:<>\r\n", ...lines, "QUIT\r\n"]);
  expect(said.filter((line) => line.startsWith("550 5.1.1 No such address")).length).toBe(lines.length);
  expect(await Promise.all([1, 2, 3].map(world.standing))).toEqual(["sendable", "sendable", "sendable"]);
  const [count] = await world.query(sql<{ count: number }>`select count(*) from mailing_activity`);
  expect(count?.count).toBe(0);
});

/** Says one line after another, each after the answer to the one before. @returns every line that came back */
async function converse(socket: ReturnType<typeof connect>, lines: readonly string[]): Promise<readonly string[]> {
  const answers: string[] = [];
  let text = "";
  let waiting: (() => void) | undefined;
  socket.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
    for (let end = text.indexOf("\r\n"); end >= 0; end = text.indexOf("\r\n")) {
      const line = text.slice(0, end);
      text = text.slice(end + 2);
      answers.push(line);
      if (/^\d{3} /.test(line)) waiting?.();
    }
  });
  const answer = () => new Promise<void>((resolve) => (waiting = resolve));
  await answer();
  for (const line of lines) {
    const next = answer();
    socket.write(line);
    await next;
  }
  socket.end();
  await once(socket, "close");
  return answers;
}

test("4.5 a mail ends at CR LF dot CR LF alone: none of five other endings smuggles a second one in", async () => {
  const world = await createBouncing();
  const [first, second] = [world.instance.returnPath(1), world.instance.returnPath(2)];
  for (const ending of ["\n.\n", "\r\n.\n", "\n.\r\n", "\r.\r", "\r.\r\n"]) {
    const smuggled = `${ending}MAIL FROM:<>\r\nRCPT TO:<${second}>\r\nDATA\r\n${reportOf({ to: second, about: "x@y.zz", status: "5.1.1", said: "550 user unknown" })}`;
    const said = await converse(connect(world.port, "127.0.0.1"), [
      "EHLO test\r\n",
      "MAIL FROM:<>\r\n",
      `RCPT TO:<${first}>\r\n`,
      "DATA\r\n",
      `Subject: hello${smuggled}\r\n.\r\n`,
      "QUIT\r\n",
    ]);
    expect(said.filter((line) => line.startsWith("250 ")).length, JSON.stringify(ending)).toBeLessThanOrEqual(4);
    expect(await world.standing(2), JSON.stringify(ending)).toBe("sendable");
  }
});

test("4.5 no relay, no sign-in, and what is too large is refused", async () => {
  const world = await createBouncing();
  const to = world.instance.returnPath(1);
  const said = await converse(connect(world.port, "127.0.0.1"), [
    "EHLO test\r\n",
    "AUTH PLAIN AHgAeA==\r\n",
    `MAIL FROM:<> SIZE=${11 * 1024 * 1024}\r\n`,
    "MAIL FROM:<a@example.org>\r\n",
    "RCPT TO:<someone@example.com>\r\n",
    "QUIT\r\n",
  ]);
  expect(said.join("\n")).not.toMatch(/^250[- ](AUTH|STARTTLS)/m);
  expect(said.filter((line) => /^5\d\d /.test(line)).length).toBe(3);
  expect(await world.send(to, `Subject: large\r\n\r\n${"x".repeat(80)}\r\n`.repeat(130_000))).toMatch(/^552/);
});

test("4.5 a complaint unsubscribes the person as a complaint, by the mail that it returns; vacation notices do nothing", async () => {
  const world = await createBouncing();
  const to = world.instance.returnPath(1);
  const complaint = [
    "From: <staff@feedback.example>",
    "Subject: complaint",
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    "MIME-Version: 1.0",
    "",
    "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n",
    "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Feedback/1\r\nVersion: 1\r\n",
    "--b--\r\n",
  ].join("\r\n");
  await world.send(to, complaint);
  await world.send(to, complaint);
  const { subscriberId } = must(world.instance.recipients[0], "there is one");
  expect(await findSubscriber(world.own.ctx, subscriberId)).toMatchObject({
    standing: "unsubscribed",
    unsubscribeOrigin: "complaint",
    unsubscribeReason: "Marked as spam (Feedback/1)",
  });
  expect(await world.recipient(1)).toMatchObject({ state: "sent", complained: true });
  await world.send(
    world.instance.returnPath(2),
    "From: maria@example.org\r\nSubject: Automatic reply: News\r\nAuto-Submitted: auto-replied\r\n\r\nuser unknown? No, on holiday.\r\n",
  );
  expect([await world.standing(2), (await world.recipient(2)).state]).toEqual(["sendable", "sent"]);
  const [count] = await world.query(sql<{ count: number }>`select count(*) from mailing_activity`);
  expect(count?.count).toBe(1);
});

test("4.5 a flood of hard bounces is recorded but marks nobody, and the instance says so once", async () => {
  const world = await createBouncing({ to: 60 });
  for (let place = 1; place <= 53; place += 1) await world.bounce(place, "5.1.1", "550 5.1.1 user unknown");
  expect(await Promise.all([1, 50, 51, 53].map(world.standing))).toEqual([
    "sendable",
    "sendable",
    "sendable",
    "sendable",
  ]);
  expect((await world.recipient(53)).state).toBe("bounced");
  const events = await world.query(sql<{ message: string }>`select message from instance_event`);
  expect(events.map(({ message }) => message.slice(0, 32))).toEqual(["More than 20% of the mailing cam"]);
});

test.each([
  ["apply", "bad_email"],
  ["discard", "sendable"],
] as const)(
  "4.5 bounces of a flood are held until an administrator decides: %s makes them %s; Home says so",
  async (verb, standing) => {
    const world = await createBouncing({ to: 60 });
    for (let place = 1; place <= 53; place += 1) await world.bounce(place, "5.1.1", "550 5.1.1 user unknown");
    const { id } = world.instance;
    const api = await clientOf(await serveApi(world), world.own);
    const held = {
      instanceId: id,
      name: "News",
      people: 53,
      stillMarked: 0,
      reasons: [{ reason: "550 5.1.1 user unknown", people: 53 }],
    };
    expect(await api.get("/held-bounces")).toMatchObject({ items: [held] });
    expect(await api.get("/home")).toMatchObject({ heldBounces: [held] });
    const path = `/instances/${id}/held-bounces`;
    const first = await api.get<{ items: unknown[]; next: string }>(`${path}?limit=50`);
    const rest = await api.get<{ items: unknown[] }>(`${path}?limit=50&cursor=${first.next}`);
    const places = Array.from({ length: 53 }, (_, at) => at + 1).map((place) => ({
      place,
      email: world.instance.recipients[place - 1]?.email,
    }));
    expect([...first.items, ...rest.items]).toMatchObject(places);
    const other = await clientOf(api.url, await world.addAccount());
    expect((await other.call("POST", `${path}/${verb}`)).status).toBe(404);
    expect(await other.get("/held-bounces")).toEqual({ items: [] });
    expect(await api.post(`${path}/${verb}`)).toEqual({ people: 53 });
    expect(await Promise.all([1, 50, 53].map(world.standing))).toEqual([standing, standing, standing]);
    expect((await world.recipient(53)).state, "the report keeps it").toBe("bounced");
    expect(await api.get("/home")).toMatchObject({ heldBounces: [] });
    expect(await api.call("POST", `${path}/${verb}`)).toMatchObject({ status: 409, body: { code: "nothing_held" } });
    const audit = await world.query(
      sql<{ action: string; detail: object }>`select action, detail from audit_entry where action like 'bounces.%'`,
    );
    expect(audit).toEqual([{ action: `bounces.${verb}`, detail: { instance: id, people: 53 } }]);
  },
);
