import { sql } from "kysely";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { relayTo, startTestCatcher } from "../../../../test/harness/relay.ts";
import { createSending, many } from "../../../../test/harness/sending.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { newId } from "../../../platform/ids.ts";

test("4.4 everybody gets the mailing once, however many processes send it, and then it is sent", async () => {
  const catcher = await startTestCatcher();
  const world = await createWorld({ relay: relayTo(catcher.smtpUrl) });
  const sending = await createSending(world, many(300));
  await Promise.all([1, 2, 3].map(() => sending.deliver(newId())));
  await sending.deliver();
  expect(await sending.counts()).toEqual({ sent: 300 });
  expect(catcher.mails.mails.map(({ to }) => to[0]).sort()).toEqual(many(300).sort());
  expect(await sending.state()).toMatchObject({ state: "sent" });
});

test("4.4 each answer of the relay becomes a state of its own", async () => {
  const catcher = await startTestCatcher();
  const world = await createWorld({ relay: relayTo(catcher.smtpUrl) });
  const sending = await createSending(world, [
    "fine@example.org",
    "hard@example.org",
    "full@example.org",
    "spam@example.org",
    "defer@example.org",
    "message-552-5-3-4@example.org",
    "drop-kept@example.org",
    "drop-message@example.org",
    "rcpt-421@example.org",
  ]);
  await sending.deliver();
  const shown = (await sending.recipients()).map(({ email, state, bounceKind }) => [
    email.split("@")[0],
    state,
    bounceKind,
  ]);
  expect(shown).toEqual([
    ["fine", "sent", null],
    ["hard", "bounced", "hard"],
    ["full", "bounced", "soft"],
    ["spam", "refused", "policy"],
    ["defer", "deferred", null],
    ["message-552-5-3-4", "refused", "content"],
    ["drop-kept", "unsure", null],
    ["drop-message", "unsure", null],
    ["rcpt-421", "deferred", null],
  ]);
  const standing = await world.query(sql<{ email: string }>`select email from subscriber where standing = 'bad_email'`);
  expect(standing).toEqual([{ email: "hard@example.org" }]);
});

test("4.5 a mail has what each must have, and is its recipient's own", async () => {
  const catcher = await startTestCatcher();
  const world = await createWorld({ relay: relayTo(catcher.smtpUrl) });
  const sending = await createSending(world, ["Ann.Other@Example.org"]);
  await sending.deliver();
  const [caught] = catcher.mails.mails;
  const mail = await PostalMime.parse(caught ? catcher.mails.read(caught) : "");
  expect(mail).toMatchObject({
    subject: "News for Ann",
    from: { name: "Association of Tests", address: "news@example.org" },
    to: [{ address: "Ann.Other@example.org" }],
    messageId: `<${sending.id}.1@example.org>`,
    html: "<p>Hello Ann</p>\n",
    text: "Hello Ann\n",
  });
  expect(Object.fromEntries(mail.headers.map(({ key, value }) => [key, value]))).toMatchObject({
    date: "Mon, 04 Mar 2030 09:00:00 +0000",
    "list-unsubscribe": expect.stringMatching(/^<http:\/\/127\.0\.0\.1:8080\/u\/[\w-]{52}>$/),
    "list-unsubscribe-post": "List-Unsubscribe=One-Click",
  });
});
