import { appendFileSync, statSync, truncateSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { expect, onTestFinished, test } from "vitest";
import { type Catcher, startCatcher } from "./catcher.ts";

async function start(folder?: string): Promise<{ readonly catcher: Catcher; readonly folder: string }> {
  const place = folder ?? (await mkdtemp(join(tmpdir(), "catcher-")));
  const catcher = await startCatcher({ folder: place, now: () => new Date("2030-03-04T09:00:00Z") });
  onTestFinished(async () => {
    await catcher.close().catch(() => {});
    await rm(place, { recursive: true, force: true });
  });
  return { catcher, folder: place };
}

const send = (catcher: Catcher, to: string, changed: object = {}) =>
  createTransport(catcher.smtpUrl).sendMail({
    from: { name: "Zoë", address: "news@example.org" },
    to: { name: "", address: to },
    subject: "Grüße <b>",
    text: "plain",
    html: "<p>Hello <a href='https://example.org'>there</a></p><script>alert(1)</script>",
    ...changed,
  });

const page = async (catcher: Catcher, path: string) => {
  const answer = await fetch(catcher.url + path);
  return { status: answer.status, text: await answer.text(), policy: answer.headers.get("content-security-policy") };
};

test("the catcher has a mail before its sender hears so, and after a restart", async () => {
  const { catcher, folder } = await start();
  await send(catcher, "ann@example.org");
  expect(catcher.mails.mails).toMatchObject([{ id: 1, from: "news@example.org", to: ["ann@example.org"] }]);
  await catcher.close();
  const again = await start(folder);
  expect(again.catcher.mails.mails).toHaveLength(1);
  const [kept] = again.catcher.mails.mails;
  expect(kept && again.catcher.mails.read(kept).toString()).toContain("To: ann@example.org");
});

test.each([1, 10, 200])(
  "a mail that was cut off %i bytes before its end was never answered for: it goes",
  async (bytes) => {
    const { catcher, folder } = await start();
    await send(catcher, "ann@example.org");
    await send(catcher, "ben@example.org");
    await catcher.close();
    const file = join(folder, "mails");
    truncateSync(file, statSync(file).size - bytes);
    const { catcher: again } = await start(folder);
    expect(again.mails.mails.map(({ to }) => to[0])).toEqual(["ann@example.org"]);
    await send(again, "cem@example.org");
    expect(again.mails.mails.map(({ to }) => to[0])).toEqual(["ann@example.org", "cem@example.org"]);
  },
);

test("half a line at the file's end goes too", async () => {
  const { catcher, folder } = await start();
  await send(catcher, "ann@example.org");
  await catcher.close();
  appendFileSync(join(folder, "mails"), '{"from":"x"');
  expect((await start(folder)).catcher.mails.mails).toHaveLength(1);
});

test.each([
  ["hard@example.org", 550],
  ["hard.ann@example.org", 550],
  ["full+1@example.org", 552],
  ["spam@example.org", 554],
  ["defer@example.org", 450],
  ["rcpt-551-5-1-6@example.org", 551],
  ["message-451-4-7-1@example.org", 451],
])("%s is refused as its name says", async (to, code) => {
  const { catcher } = await start();
  const error = await send(catcher, to).catch((caught) => caught);
  expect(error.responseCode).toBe(code);
  expect(catcher.mails.mails).toEqual([]);
});

test("an address that only begins like a script is one like any other", async () => {
  const { catcher } = await start();
  for (const to of ["hardy@example.org", "fuller@example.org", "rcpt@example.org"]) await send(catcher, to);
  expect(catcher.mails.mails).toHaveLength(3);
});

test("the list has the newest first, pages, and finds by address and subject", async () => {
  const { catcher } = await start();
  for (let number = 1; number <= 60; number += 1)
    catcher.mails.add(
      { from: "news@example.org", to: [`p${number}@example.org`] },
      Buffer.from(`Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?= ${number}\r\n\r\nx`),
      "2030-03-04T09:00:00Z",
    );
  const first = (await page(catcher, "/")).text;
  expect(first.indexOf("p60@")).toBeLessThan(first.indexOf("p59@"));
  expect(first).toContain("1–50 of 60");
  expect(first).not.toContain("p10@");
  expect((await page(catcher, "/?skip=50")).text).toContain("51–60 of 60");
  const found = (await page(catcher, `/?q=${encodeURIComponent("grüße 7")}`)).text;
  expect(found).toContain("p7@example.org");
  expect(found).not.toContain("p8@example.org");
  expect((await page(catcher, "/?q=nobody")).text).toContain("No mail matches");
});

test("a mail is shown as it looks, as text, by its headers and as source, and nothing of it runs", async () => {
  const { catcher } = await start();
  await send(catcher, "ann@example.org");
  const shown = await page(catcher, "/mails/1");
  expect(shown.text).toContain("Grüße &lt;b&gt;");
  expect(shown.text).toMatch(/<iframe[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox"/);
  expect(shown.policy).toContain("default-src 'none'");
  const mail = await page(catcher, "/mails/1/html");
  expect(mail.text).toContain('<base target="_blank">');
  expect(mail.policy).toContain("sandbox");
  expect(mail.policy).not.toContain("script");
  expect((await page(catcher, "/mails/1?view=text")).text).toContain("plain");
  expect((await page(catcher, "/mails/1?view=headers")).text).toContain("MIME-Version");
  expect((await page(catcher, "/mails/1?view=source")).text).toContain("&lt;script&gt;alert(1)");
  for (const path of ["/mails/2", "/mails/0", "/mails/x", "/nothing"])
    expect((await page(catcher, path)).status).toBe(404);
});
