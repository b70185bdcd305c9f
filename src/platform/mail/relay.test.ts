import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import fc from "fast-check";
import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import { close, type OddSteps, reset, silent, startOddServer } from "../../../test/harness/odd-server.ts";
import { relayTo, startTestCatcher } from "../../../test/harness/relay.ts";
import { stuffDots } from "./dot-stuffing.ts";
import { type Answer, RelayError } from "./relay-line.ts";

const envelope = { from: "b-1@bounces.example.org", to: "ann@example.org" };
const message = Buffer.from(`Subject: x\r\n\r\n${"line\r\n".repeat(50)}`);

/** Sends one message over a fresh session. */
async function sendTo(
  steps: OddSteps,
  mayGo: () => Promise<boolean> = async () => true,
  user = "",
): Promise<{ answer: Answer; asked: number; messages: readonly string[]; isUsable: boolean }> {
  const server = await startOddServer(steps, user);
  const relay = relayTo(server.url);
  using session = await relay.borrow();
  let asked = 0;
  const answer = await session.line.send(envelope, message, () => {
    asked += 1;
    return mayGo();
  });
  return { answer, asked, messages: server.messages, isUsable: session.line.isUsable };
}

test("4.4 a message is handed over once it may, and is whole", async () => {
  const { answer, asked, messages } = await sendTo({});
  expect(answer).toEqual({ kind: "reply", step: "message", code: 250, text: "250 2.0.0 taken" });
  expect(asked).toBe(1);
  expect(messages).toEqual([message.toString()]);
});

test("4.4 until the hand-over is committed the server can't have the whole message", async () => {
  const server = await startOddServer();
  using session = await relayTo(server.url).borrow();
  const gate = Promise.withResolvers<boolean>();
  const sent = session.line.send(envelope, message, () => gate.promise);
  await wait(100);
  expect(server.messages).toEqual([]);
  gate.resolve(true);
  expect(await sent).toMatchObject({ code: 250 });
  expect(server.messages).toHaveLength(1);
});

test.each([
  ["is refused", async () => false],
  ["fails", () => Promise.reject(new Error("the database is away"))],
])("4.4 a hand-over that %s withholds the message, and costs the session", async (_, mayGo) => {
  const { answer, messages, isUsable } = await sendTo({}, mayGo);
  expect(answer).toEqual({ kind: "withheld" });
  await wait(50);
  expect(messages).toEqual([]);
  expect(isUsable).toBe(false);
});

test.each<[string, OddSteps, Partial<Record<string, unknown>>, boolean]>([
  ["refuses the sender", { mail: "550 5.7.1 no\r\n" }, { step: "mail", code: 550, text: "550 5.7.1 no" }, true],
  ["refuses the recipient", { rcpt: "550 5.1.1 no\r\n" }, { step: "rcpt", code: 550, text: "550 5.1.1 no" }, true],
  ["refuses DATA", { data: "451 4.3.0 no\r\n" }, { step: "data", code: 451 }, true],
  ["refuses the message", { message: "554 5.7.1 no\r\n" }, { step: "message", code: 554 }, true],
  [
    "answers in many lines",
    { message: "250-a\r\n250-b\r\n250 c\r\n" },
    { step: "message", code: 250, text: "250-a\n250-b\n250 c" },
    true,
  ],
  ["answers without a text", { message: "250\r\n" }, { step: "message", code: 250, text: "250" }, true],
  [
    "answers in Latin-1",
    { message: (socket) => void socket.write(Buffer.from("250 gr\xfc\xdfe\r\n", "latin1")) },
    { code: 250, text: "250 grüße" },
    true,
  ],
  ["answers at length", { message: `250 ${"x".repeat(5000)}\r\n` }, { code: 250 }, true],
  ["ends lines with LF alone", { message: "250 ok\n" }, { code: 250 }, true],
  ["says 421 at RCPT TO", { rcpt: "421 4.3.2 bye\r\n" }, { code: 421 }, false],
  ["says 421 after the message", { message: "421 4.3.2 bye\r\n" }, { step: "message", code: 421 }, false],
  ["says nonsense after the message", { message: "what?\r\n" }, { step: "message", code: null, text: "what?" }, false],
  ["says 099 after the message", { message: "099 what\r\n" }, { step: "message", code: 99 }, true],
])("1.4 F a server that %s is understood", async (_, steps, expected, isUsableAfter) => {
  const { answer, isUsable } = await sendTo(steps);
  expect(answer).toMatchObject({ kind: "reply", ...expected });
  expect(isUsable).toBe(isUsableAfter);
});

test("1.4 F an answer that comes byte by byte is the same answer", async () => {
  const { answer } = await sendTo({
    async message(socket) {
      for (const byte of "250-a\r\n250 b\r\n") {
        socket.write(byte);
        await wait(1);
      }
    },
  });
  expect(answer).toMatchObject({ code: 250, text: "250-a\n250 b" });
});

test.each<[string, OddSteps, boolean]>([
  ["hangs at MAIL FROM", { mail: silent }, false],
  ["hangs at RCPT TO", { rcpt: silent }, false],
  ["hangs at DATA", { data: silent }, false],
  ["hangs after the message", { message: silent }, true],
  ["closes at MAIL FROM", { mail: close }, false],
  ["closes at RCPT TO", { rcpt: close }, false],
  ["closes at DATA", { data: close }, false],
  ["closes after the message", { message: close }, true],
  ["resets at MAIL FROM", { mail: reset }, false],
  ["resets at RCPT TO", { rcpt: reset }, false],
  ["resets at DATA", { data: reset }, false],
  ["resets after the message", { message: reset }, true],
  ["says nonsense at RCPT TO", { rcpt: "what?\r\n" }, false],
  [
    "never ends its answer",
    { message: (socket) => void setInterval(() => socket.write("250-more\r\n"), 20).unref() },
    true,
  ],
])("1.2 a server that %s is lost, and it is known whether it may have the message", async (_, steps, isHandedOver) => {
  const { answer, isUsable, asked } = await sendTo(steps);
  expect(answer).toMatchObject({ kind: "lost", isHandedOver });
  expect(asked).toBe(isHandedOver ? 1 : 0);
  expect(isUsable).toBe(false);
});

test("1.2 a server that takes the message before it has it is not believed", async () => {
  const gate = () => wait(200).then(() => true);
  const { answer, messages, isUsable } = await sendTo({ begun: "250 2.0.0 taken\r\n", message: silent }, gate);
  expect(answer).toMatchObject({ kind: "lost", isHandedOver: false });
  expect(messages).toEqual([]);
  expect(isUsable).toBe(false);
});

test("1.2 a server that refuses the message before it has all of it is believed, and its session is over", async () => {
  const gate = () => wait(200).then(() => true);
  const { answer, messages, isUsable } = await sendTo({ begun: "552 5.3.4 too big\r\n", message: silent }, gate);
  expect(answer).toMatchObject({ kind: "reply", step: "message", code: 552 });
  expect(messages).toEqual([]);
  expect(isUsable).toBe(false);
});

test("1.2 a refused recipient leaves the session good for the next one", async () => {
  const catcher = await startTestCatcher();
  using session = await relayTo(catcher.smtpUrl).borrow();
  const send = (to: string) => session.line.send({ ...envelope, to }, message, async () => true);
  expect(await send("hard@example.org")).toMatchObject({ step: "rcpt", code: 550 });
  expect(await send("spam@example.org")).toMatchObject({ step: "message", code: 554 });
  expect(await send("ann@example.org")).toMatchObject({ step: "message", code: 250 });
  expect(catcher.mails.mails.map(({ to }) => to[0])).toEqual(["ann@example.org"]);
});

test("1.2 a server that asks for the message though it refused the recipient gets none", async () => {
  const { answer, asked, messages, isUsable } = await sendTo({
    rcpt: (socket) => void socket.write("550 5.1.1 no\r\n"),
  });
  expect(answer).toMatchObject({ step: "rcpt", code: 550 });
  expect([asked, messages, isUsable]).toEqual([0, [], false]);
});

test("1.2 commands go one by one to a server that doesn't announce that it takes them together", async () => {
  const heard: string[] = [];
  const noted = (name: string, answer: string) => (socket: Socket) => {
    heard.push(name);
    setTimeout(() => {
      heard.push(answer.slice(0, 3));
      socket.write(answer);
    }, 10);
  };
  const { answer, messages } = await sendTo({
    ehlo: "250 odd\r\n",
    mail: noted("mail", "250 ok\r\n"),
    rcpt: noted("rcpt", "250 ok\r\n"),
  });
  expect(answer).toMatchObject({ code: 250 });
  expect(messages).toHaveLength(1);
  expect(heard).toEqual(["mail", "250", "rcpt", "250"]);
});

test.each([
  ["250 PIPELINING", "zoë@example.org", { step: "rcpt", code: 553 }],
  ["250-SMTPUTF8\r\n250 8BITMIME", "zoë@example.org", { step: "message", code: 250 }],
  ["250 SIZE 100", "ann@example.org", { step: "mail", code: 552 }],
  ["250 SIZE 100000", "ann@example.org", { step: "message", code: 250 }],
  ["250 SIZE", "ann@example.org", { step: "message", code: 250 }],
])("1.4 F what a server announces is heeded: %s, to %s", async (announced, to, expected) => {
  const server = await startOddServer({ ehlo: `250-odd\r\n${announced}\r\n` });
  using session = await relayTo(server.url).borrow();
  expect(await session.line.send({ ...envelope, to }, message, async () => true)).toMatchObject(expected);
});

test("1.4 F a server that says something unasked is out of step: its session isn't used again", async () => {
  const server = await startOddServer({ message: "250 2.0.0 taken\r\n250 and more\r\n" });
  const relay = relayTo(server.url);
  for (let sent = 0; sent < 2; sent += 1) {
    using session = await relay.borrow();
    expect(await session.line.send(envelope, message, async () => true)).toMatchObject({ code: 250 });
    await wait(20);
  }
  expect(server.connections).toBe(2);
});

test("1.3 dots are doubled, and a message that has lone line breaks is mended, wherever they stand", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", ".", "\r", "\n", "\r\n", "é"), maxLength: 60 });
  fc.assert(
    fc.property(texts, (text) => {
      const stuffed = stuffDots(Buffer.from(text)).toString();
      expect(stuffed.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(`\r\n${stuffed}`).not.toMatch(/\r\n\.(?!\.)/);
      expect(stuffed.endsWith("\r\n")).toBe(true);
      const whole = text.replace(/\r\n?|\n/g, "\r\n");
      expect(stuffed.replace(/^\.\./gm, ".")).toBe(whole.endsWith("\r\n") ? whole : `${whole}\r\n`);
    }),
    { numRuns: 2000 },
  );
});

test.each<[string, OddSteps]>([
  ["says nothing at all", { greeting: silent }],
  ["greets with 554", { greeting: "554 no\r\n" }],
  ["greets with nonsense", { greeting: "HTTP/1.1 400 Bad Request\r\n\r\n" }],
  ["hangs at EHLO", { ehlo: silent }],
  ["closes at EHLO", { ehlo: close }],
  ["offers STARTTLS and refuses it", { ehlo: "250-odd\r\n250 STARTTLS\r\n" }],
])("1.2 there is no session with a server that %s", async (_, steps) => {
  const server = await startOddServer(steps);
  const error = await relayTo(server.url)
    .borrow()
    .catch((caught) => caught);
  expect(error).toBeInstanceOf(RelayError);
  expect(error.reply.step).toBe("connect");
});

test("1.2 a refused sign-in is told apart", async () => {
  const server = await startOddServer({ auth: "535 5.7.8 wrong\r\n" }, "ann:secret");
  const error = await relayTo(server.url)
    .borrow()
    .catch((caught) => caught);
  expect(error).toMatchObject({ reply: { step: "auth", code: 535 } });
  expect(error.message).not.toContain("secret");
});

/** A real server with TLS, whose certificate nobody knows, and one login. */
async function startSecureServer(secure: boolean): Promise<{ readonly port: number; readonly taken: string[] }> {
  const taken: string[] = [];
  const server = new SMTPServer({
    secure,
    onAuth: ({ username, password }, session, done) =>
      username === "ann@example.org" && password === "s:e/c%ret" && session.secure
        ? done(null, { user: username })
        : done(Object.assign(new Error("wrong"), { responseCode: 535 })),
    onData(stream, _, done) {
      text(stream).then((body) => done(null, `taken ${taken.push(body)}`), done);
    },
  });
  server.on("error", () => {});
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (listening.address() as AddressInfo).port, taken };
}

test.each([
  ["STARTTLS", "smtp", false],
  ["TLS from the start", "smtps", true],
])("1.6 %s and a sign-in: a message goes over them as over any session", async (_, scheme, secure) => {
  const { port, taken } = await startSecureServer(secure);
  const login = `${encodeURIComponent("ann@example.org")}:${encodeURIComponent("s:e/c%ret")}`;
  const url = `${scheme}://${login}@localhost:${port}`;
  using session = await relayTo(url, { tls: { rejectUnauthorized: false } }).borrow();
  for (let sent = 1; sent <= 2; sent += 1)
    expect(await session.line.send(envelope, message, async () => true)).toMatchObject({ code: 250 });
  expect(taken).toEqual([message.toString(), message.toString()]);
  const stranger = await relayTo(url)
    .borrow()
    .catch((caught) => caught);
  expect(stranger).toMatchObject({ reply: { step: "connect" }, message: expect.stringContaining("certificate") });
  const wrong = url.replace("ann", "ben");
  const refused = await relayTo(wrong, { tls: { rejectUnauthorized: false } })
    .borrow()
    .catch((caught) => caught);
  expect(refused).toMatchObject({ reply: { step: "auth", code: 535 } });
});

test("1.3 lines end CR LF alone and dots are doubled: none of five other endings ends a message (smuggling)", async () => {
  const endings = ["\n.\n", "\r.\r", "\n.\r\n", "\r\n.\n", "\r\n.\r"];
  const server = await startOddServer();
  using session = await relayTo(server.url).borrow();
  for (const ending of endings) {
    const smuggled = Buffer.from(
      `Subject: x\r\n\r\nbody${ending}MAIL FROM:<evil@example.net>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n${"x".repeat(200)}\r\n`,
    );
    expect(await session.line.send(envelope, smuggled, async () => true)).toMatchObject({ code: 250 });
  }
  expect(server.messages).toHaveLength(endings.length);
  for (const text of server.messages) {
    expect(text.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
    expect(text).toMatch(/\r\n\.\.?\r\nMAIL FROM/);
    expect(text).not.toContain("\r\n.\r\n");
  }
});

test.each(["a@x.example\r\nRCPT TO:<b@example.org>", "a@x.example>", "<a@x.example"])(
  "1.3 an address such as %j never reaches a server",
  async (to) => {
    const server = await startOddServer();
    using session = await relayTo(server.url).borrow();
    expect(await session.line.send({ ...envelope, to }, message, async () => true)).toMatchObject({
      step: "here",
      code: 501,
    });
    expect(server.messages).toEqual([]);
  },
);

test("1.6 no more sessions than allowed; whoever waits longest is next", async () => {
  const server = await startOddServer();
  const relay = relayTo(server.url, { connections: 2 });
  const [first, second] = await Promise.all([relay.borrow(), relay.borrow()]);
  const order: number[] = [];
  const waiting = [1, 2, 3].map((number) =>
    relay.borrow().then((session) => {
      order.push(number);
      session[Symbol.dispose]();
    }),
  );
  await wait(20);
  expect(order).toEqual([]);
  first[Symbol.dispose]();
  await Promise.all(waiting);
  expect(order).toEqual([1, 2, 3]);
  second[Symbol.dispose]();
  expect(server.connections).toBe(2);
});

test("1.6 a process sends no more in a second than it may", async () => {
  const server = await startOddServer();
  const relay = relayTo(server.url, { rate: 20 });
  const began = performance.now();
  for (let sent = 0; sent < 6; sent += 1) (await relay.borrow())[Symbol.dispose]();
  expect(performance.now() - began).toBeGreaterThan(240);
});
