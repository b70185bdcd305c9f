import { sql } from "kysely";
import PostalMime from "postal-mime";
import { expect, onTestFinished, test } from "vitest";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import type { Mailing } from "../../src/domain/mailings/mailing.ts";
import { createLog } from "../../src/platform/log.ts";
import { createMailer } from "../../src/platform/mail/mailer.ts";
import { clientOf, startServer } from "../harness/api.ts";
import { startTestCatcher } from "../harness/relay.ts";
import { createWorld } from "../harness/world.ts";

const body = `<p>Dear {{ remote_id | default: "nobody" }}, write to {{ email }}.</p>
<p><a href="https://example.org/programme?a=1&amp;b=2">The programme</a></p>
<p><a href="{{ ams_preferences_url }}">What you get</a> <a href="{{ preferences_url }}">Preferences</a>
<a href="{{ unsubscribe_url }}">Unsubscribe</a> {{ postal_address }}</p>`;

/** An account whose mailings track everything, a mailing of its Board, and a mail server that keeps what it gets. */
async function openMailed() {
  const catcher = await startTestCatcher();
  const mail = createMailer(catcher.smtpUrl, "Lockstep <lockstep@example.org>", createLog("silent"));
  onTestFinished(() => mail.close());
  const world = await createWorld({ mail, simulator: { members: 300, jobs: [{ name: "Board", size: 60 }] } });
  const { own } = world;
  await own.listSync();
  await own.sync("Board");
  await configureBridge(own.ctx, { preferenceLink: "https://members.example.org/wishes?key={customer_key}" });
  const { url } = await startServer(world);
  const api = await clientOf(url, own);
  const account = { senderName: "Association", senderAddress: "news@example.org", postalAddress: "1 Example Street" };
  await api.call("PUT", "/account", { ...account, openTracking: "person" });
  const { id } = await api.post<Mailing>("/mailings", { name: "Spring news" });
  const audience = { to: [(await own.group("Board")).id], notTo: [] };
  const written = { subject: "For {{ email }}", replyTo: "office@example.org", bodyKind: "html", body, audience };
  expect((await api.call("PATCH", `/mailings/${id}`, written)).status).toBe(200);
  const { items } = await api.get<{ items: Person[] }>("/subscribers?limit=10");
  const person = items.find(({ standing, remoteId }) => standing === "sendable" && remoteId !== null);
  if (!person) throw new Error("somebody can be written to");
  const ask = (link: string, method = "GET", form = "") =>
    fetch(url + new URL(link).pathname, {
      method,
      ...(method === "POST" && { body: form, headers: { "content-type": "application/x-www-form-urlencoded" } }),
    });
  return { ...world, catcher, api, id, person, ask };
}

interface Person {
  readonly id: number;
  readonly email: string;
  readonly remoteId: string | null;
  readonly standing: string;
}

test("4.1 a test send arrives, marked as a test and with the chosen person's values, and no link in it does harm", async () => {
  const { catcher, api, id, person, ask, query } = await openMailed();
  const to = ["colleague@example.org", "boss@example.net"];
  expect((await api.call("POST", `/mailings/${id}/test-sends`, { to, subscriberId: person.id })).status).toBe(204);
  expect(catcher.mails.mails.map((caught) => [caught.from, caught.to])).toEqual(
    to.map((address) => ["news@example.org", [address]]),
  );
  for (const [at, caught] of catcher.mails.mails.entries()) {
    const mail = await PostalMime.parse(catcher.mails.read(caught));
    expect(mail).toMatchObject({
      from: { name: "Association", address: "news@example.org" },
      to: [{ address: to[at] }],
      replyTo: [{ address: "office@example.org" }],
      subject: `[Test] For ${person.email}`,
    });
    for (const part of [mail.html ?? "", mail.text ?? ""]) {
      expect(part).toContain(`Dear ${person.remoteId}, write to ${person.email}.`);
      expect(part).toMatch(/A test of .*Spring news.*, sent by .+ Its unsubscribe link does nothing\./s);
      expect(part).toContain("1 Example Street");
      // A colleague who follows it would change what this very person gets.
      expect(part).not.toContain("members.example.org");
    }
    const links = [...(mail.html ?? "").matchAll(/ href="([^"]+)"/g)].map(([, link = ""]) =>
      link.replace("&amp;", "&"),
    );
    expect(links[0]).toBe("https://example.org/programme?a=1&b=2");
    expect(mail.text).toContain("https://example.org/programme?a=1&b=2");
    expect(mail.html).not.toMatch(/<img|\/[co]\//);
    expect(links.slice(1)).toHaveLength(3);
    for (const link of links.slice(1)) {
      for (const [method, form] of [
        ["GET", ""],
        ["POST", "List-Unsubscribe=One-Click"],
        ["POST", "action=unsubscribe"],
        ["POST", "action=resubscribe"],
      ] as const) {
        const answer = await ask(link, method, form);
        expect([answer.status, await answer.text()]).toEqual([200, expect.stringMatching(/This was a test.*nothing/s)]);
      }
    }
  }
  expect(await query(sql`select kind from mailing_activity`)).toEqual([]);
  expect((await api.get<Person>(`/subscribers/${person.id}`)).standing).toBe("sendable");
});

test("4.1 a test send counts nowhere: it is no publishing, and uses no target group", async () => {
  const { catcher, api, id, person, query } = await openMailed();
  const groups = () => query(sql`select * from target_group_use`);
  const before = await api.get<Mailing>(`/mailings/${id}`);
  await api.call("POST", `/mailings/${id}/test-sends`, { to: [person.email], subscriberId: person.id });
  expect(catcher.mails.mails).toHaveLength(1);
  expect(await api.get<{ items: unknown[] }>("/instances")).toMatchObject({ items: [] });
  expect(await query(sql`select 1 from recipient`)).toEqual([]);
  expect(await groups()).toEqual([]);
  expect(await api.get<Mailing>(`/mailings/${id}`)).toEqual(before);
});
