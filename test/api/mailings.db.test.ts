import { SMTPServer } from "smtp-server";
import { expect, onTestFinished, test } from "vitest";
import type { Mailing } from "../../src/domain/mailings/mailing.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMailer } from "../../src/platform/mail/mailer.ts";
import { type ApiClient, clientOf, serveApi } from "../harness/api.ts";
import { naughtyStrings } from "../harness/naughty-strings.ts";
import { createWorld } from "../harness/world.ts";

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly bytes: string;
}

/** A server that keeps the bytes of what it gets. */
async function startSink(): Promise<{ readonly url: string; readonly mails: Received[] }> {
  const mails: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : "";
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ from, to, bytes: Buffer.concat(chunks).toString("latin1") });
        done();
      });
    },
  });
  const port = await new Promise<number>((resolve) => {
    const listening = server.listen(0, "127.0.0.1", () => {
      const address = listening.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { url: `smtp://127.0.0.1:${port}`, mails };
}

async function openWorldWithMail() {
  const sink = await startSink();
  const mail = createMailer(sink.url, "Lockstep <lockstep@example.org>", createLog("silent"));
  onTestFinished(() => mail.close());
  const world = await createWorld({ mail });
  const api = await clientOf(await serveApi(world), world.own);
  await api.call("PUT", "/account", { senderName: "Association", senderAddress: "news@example.org" });
  return { world, api, mails: sink.mails };
}

const create = (api: ApiClient, body: object) => api.post<Mailing>("/mailings", body);

test("4.1 a mailing is made, changed, copied, put away and deleted; a second editor is told, not overwritten", async () => {
  const { api } = await openWorldWithMail();
  const made = await create(api, { name: "Spring news" });
  expect(made).toMatchObject({ state: "draft", version: 1, fromAddress: "news@example.org", bodyKind: "blocks" });
  const path = `/mailings/${made.id}`;
  const first = await api.call<Mailing>("PATCH", path, { subject: "One", version: 1 });
  expect(first).toMatchObject({ status: 200, body: { subject: "One", version: 2, preheader: "" } });
  const second = await api.call("PATCH", path, { subject: "Two", version: 1 });
  expect(second).toMatchObject({ status: 409, body: { code: "edited_meanwhile" } });
  expect(await api.get<Mailing>(path)).toMatchObject({ subject: "One", version: 2 });
  const template = await api.post<Mailing>(`${path}/copy`, { name: "Ours", isTemplate: true });
  expect(template).toMatchObject({ isTemplate: true, subject: "One", name: "Ours" });
  const fromIt = await create(api, { name: "Summer news", copyOf: template.id });
  expect(fromIt).toMatchObject({ isTemplate: false, subject: "One", body: made.body });
  const listed = async (query: string) =>
    (await api.get<{ items: { name: string }[] }>(`/mailings?${query}`)).items.map(({ name }) => name).sort();
  expect(await listed("")).toEqual(["Spring news", "Summer news"]);
  expect(await listed("template=true")).toEqual(["Ours"]);
  await api.post(`${path}/archive`);
  expect(await listed("")).toEqual(["Summer news"]);
  expect(await listed("archived=true")).toEqual(["Spring news"]);
  expect(await listed("search=SUMMER")).toEqual(["Summer news"]);
  expect((await api.call("DELETE", `/mailings/${fromIt.id}`)).status).toBe(204);
  expect((await api.call("GET", `/mailings/${fromIt.id}`)).status).toBe(404);
});

test("4.1 a deleted group, and one on both sides, is refused in an audience", async () => {
  const { world, api } = await openWorldWithMail();
  await world.own.listSync();
  const [board, nobody] = [(await world.own.group("Board")).id, (await world.own.group("Nobody")).id];
  const { id } = await create(api, { name: "News" });
  const set = (to: readonly string[], notTo: readonly string[] = []) =>
    api.call("PATCH", `/mailings/${id}`, { audience: { to, notTo } });
  expect(await set([board], [nobody])).toMatchObject({
    status: 200,
    body: { audience: { to: [board], notTo: [nobody] } },
  });
  expect((await set([board], [board])).status).toBe(400);
  const own = await api.post<{ id: string }>("/target-groups/compounds", {
    name: "Gone",
    include: { isAll: false, of: [board] },
    exclude: { isAll: false, of: [] },
  });
  expect((await api.call("DELETE", `/target-groups/${own.id}`)).status).toBeLessThan(300);
  expect((await set([own.id])).status).toBe(404);
});

test("4.1 what is sent is what the preview showed", async () => {
  const { api, mails } = await openWorldWithMail();
  const { id } = await create(api, { name: "News" });
  await api.call("PUT", "/account", { postalAddress: "1 Example Street" });
  await api.call("PATCH", `/mailings/${id}`, {
    subject: 'For {{ email | default: "you" }}',
    bodyKind: "html",
    body: '<p>Hello {{ remote_id | default: "Friend" }} ({{ remote_id }}) <a href="https://example.org/a?b=1&amp;c=2">x</a></p>',
  });
  const preview = await api.post<{ subject: string; html: string; missing: string[] }>(`/mailings/${id}/preview`, {
    person: { sample: "no_values" },
  });
  expect(preview.html).toContain("Hello Friend");
  expect(preview.missing).toEqual(["remote_id"]);
  expect(
    (await api.call("POST", `/mailings/${id}/test-sends`, { to: ["a@example.org", "b@example.org"] })).status,
  ).toBe(204);
  expect(mails.map(({ to }) => to)).toEqual([["a@example.org"], ["b@example.org"]]);
  expect(mails[0]?.bytes).toContain(`Subject: [Test] ${preview.subject}`);
  expect(mails[0]?.bytes).toContain("Hello Friend");
});

test("4.1 a preview marks what stands where somebody has no value, in its frame only if asked to", async () => {
  const { api } = await openWorldWithMail();
  const { id } = await create(api, { name: "News" });
  await api.call("PATCH", `/mailings/${id}`, {
    subject: 'For {{ remote_id | default: "you" }}',
    bodyKind: "html",
    body: "<p>Hello {{ remote_id }}</p>",
  });
  const preview = await api.post<object>(`/mailings/${id}/preview`, { person: { sample: "no_values" } });
  const remoteId = { field: "remote_id", displayName: "Remote ID" };
  expect(preview).toMatchObject({
    subject: "For you",
    missing: ["remote_id"],
    standIns: [
      { ...remoteId, text: "you", from: "mailing", places: ["subject"] },
      { ...remoteId, text: "", from: null, places: ["body", "text_part"] },
    ],
    marked: {
      subject: [
        { text: "For ", standsFor: null },
        { text: "you", standsFor: "Remote ID" },
      ],
    },
  });
  const frame = (query: string) => api.call<string>("GET", `/mailings/${id}/preview.html${query}`);
  expect((await frame("")).body).not.toContain("<mark");
  expect((await frame("?marks=stand_ins")).body).toMatch(/Hello <mark [^>]*>\[Remote ID: nothing\]<\/mark>/);
});

test("1.3 nothing that somebody writes gets a line of its own into a mail's head, or a recipient of its own", async () => {
  const { api, mails } = await openWorldWithMail();
  await api.call("PUT", "/account", { postalAddress: "1 Example Street" });
  const { id } = await create(api, { name: "News" });
  const probes = [
    "Hi\r\nBcc: evil@example.net",
    "Hi\nX-Evil: 1",
    "Hi\u0000",
    "a@example.org, evil@example.net",
    "Evil <evil@example.net>",
    '"a" <a@example.org>, evil@example.net',
    "=?utf-8?Q?=0D=0ABcc:_evil@example.net?=",
    "\u2028Bcc: evil@example.net",
    "(comment) ; evil@example.net",
    "group: evil@example.net;",
    ...naughtyStrings.filter((_, at) => at % 25 === 0),
  ];
  for (const text of probes) {
    // What can't be kept is refused; what can be is sent.
    for (const name of ["subject", "fromName", "fromAddress", "replyTo", "preheader", "textPart"])
      await api.call("PATCH", `/mailings/${id}`, { [name]: text });
    await api.call("POST", `/mailings/${id}/test-sends`, { to: [text] });
    await api.call("POST", `/mailings/${id}/test-sends`, { to: ["a@example.org"] });
    await api.call("PATCH", `/mailings/${id}`, {
      subject: "Hi",
      fromAddress: "news@example.org",
      replyTo: "",
      textPart: null,
    });
  }
  expect(mails.length).toBeGreaterThan(5);
  for (const { from, to, bytes } of mails) {
    const head = bytes.slice(0, bytes.indexOf("\r\n\r\n"));
    expect(to).toEqual(["a@example.org"]);
    expect(from).toBe("news@example.org");
    expect(head).not.toMatch(/^(bcc|cc|x-)/im);
    expect(bytes.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
  }
}, 60_000);
