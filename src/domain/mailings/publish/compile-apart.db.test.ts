import { sql } from "kysely";
import { expect, onTestFinished, test, vi } from "vitest";
import { addMailing } from "../../../../test/harness/mailings.ts";
import { startTestCatcher } from "../../../../test/harness/relay.ts";
import { createWorld, type World } from "../../../../test/harness/world.ts";
import { createLog } from "../../../platform/log.ts";
import { createMailer } from "../../../platform/mail/mailer.ts";
import { changeMailing } from "../content/change-mailing.ts";
import { findChecks } from "../content/check-mailing.ts";
import { compileMjml } from "../content/compile-mjml.ts";
import { compileSource } from "../content/compile-source.ts";
import { previewMailing } from "../content/preview-mailing.ts";
import { sendTest } from "../content/send-test.ts";
import { publishMailing } from "./publish-mailing.ts";

/** Takes as long as a large mailing may; it becomes just less than the megabyte that is the most. */
const section = "<mj-section><mj-column><mj-text>Hello {{ email }}</mj-text></mj-column></mj-section>";
const body = `<mjml><mj-body>${section.repeat(500)}</mj-body></mjml>`;
const nobody = { sample: "no_values" } as const;

const isHeld = ({ ctx }: World) => ctx.db.connections.total > ctx.db.connections.idle;

/** @returns whether a connection is in use while this waits to be compiled: the thread has others to do first */
async function isHeldMeanwhile(world: World, work: () => Promise<unknown>): Promise<boolean> {
  const others = Promise.all(Array.from({ length: 5 }, () => compileMjml(body)));
  const done = work();
  await vi.waitUntil(() => isHeld(world), { interval: 1 });
  await others; // its turn comes now
  const held = isHeld(world);
  await done;
  return held;
}

test("4.2 no transaction is open while a mailing is compiled: checks, preview, code, test send", async () => {
  const catcher = await startTestCatcher();
  const mail = createMailer(catcher.smtpUrl, "Lockstep <lockstep@example.org>", createLog("silent"));
  onTestFinished(() => mail.close());
  const world = await createWorld({ mail });
  const { own } = world;
  await own.listSync();
  await own.sync("Board");
  const id = await addMailing(own, { to: [(await own.group("Board")).id] });
  await changeMailing(own.ctx, id, { bodyKind: "mjml", body });
  for (const [name, work] of [
    ["checks", () => findChecks(own.ctx, id)],
    ["preview", () => previewMailing(own.ctx, id, nobody)],
    ["code", () => compileSource(own.ctx, id, { bodyKind: "mjml", body })],
    ["test send", () => sendTest(own.ctx, id, ["a@example.org"], nobody)],
  ] as const) {
    expect(await isHeldMeanwhile(world, work), name).toBe(false);
  }
  const within = () => own.ctx.db.transaction(own.ctx.accountId, () => compileMjml(body));
  expect(await isHeldMeanwhile(world, within), "one that is held is seen").toBe(true);
}, 60_000);

async function readyToPublish() {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Board");
  const id = await addMailing(own, { to: [(await own.group("Board")).id] });
  const { version } = await changeMailing(own.ctx, id, { bodyKind: "mjml", body });
  /** Presses Publish and waits until it is read and is being compiled. */
  const begin = async () => {
    const publishing = publishMailing(own.ctx, id, { version });
    publishing.catch(() => {});
    await vi.waitUntil(() => isHeld(world), { interval: 1 });
    await vi.waitUntil(() => !isHeld(world), { interval: 1 });
    return { answer: publishing };
  };
  return { ...world, id, begin };
}

test("4.2 a mailing that is edited while it is compiled is not published", async () => {
  const { own, id, begin } = await readyToPublish();
  const publishing = await begin();
  await changeMailing(own.ctx, id, { subject: "Another" });
  await expect(publishing.answer).rejects.toMatchObject({ code: "edited_meanwhile" });
}, 60_000);

test("4.2 what a mailing is compiled with may change meanwhile: it goes out with what stands when it is published", async () => {
  const { own, query, begin } = await readyToPublish();
  const publishing = await begin();
  await query(sql`update account set postal_address = '2 Other Street' where id = ${own.ctx.accountId}`);
  const { instance } = await publishing.answer;
  expect(JSON.stringify(instance.content.html)).toContain("2 Other Street");
  await own.workAll();
}, 60_000);
