import { sql } from "kysely";
import { expect, test } from "vitest";
import { addMailing, publishAndGoOn } from "../../../../test/harness/mailings.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { must } from "../../../platform/errors.ts";
import { configureBridge } from "../../bridges/configure-bridge.ts";
import { listOptOutCategories } from "../../bridges/list-opt-out-categories.ts";
import type { CategoryId } from "../../bridges/opt-out-category.ts";
import { searchSubscribers } from "../../subscribers/find-subscribers.ts";
import { changeMailing } from "../content/change-mailing.ts";
import { findChecks } from "../content/check-mailing.ts";
import { createMailing } from "../content/create-mailing.ts";
import { createFiller } from "../content/fill.ts";
import { findMailing } from "../content/get-mailing.ts";
import { listMailingFields } from "../content/known-fields.ts";
import { previewMailing } from "../content/preview-mailing.ts";
import { findInstance } from "./find-instances.ts";
import { publishMailing } from "./publish-mailing.ts";

const link = "https://members.example.org/preferences?key={customer_key}";
const html = '<p>Hello</p><p><a href="{{ ams_preferences_url }}">What you get from us</a></p>';

async function ready() {
  const world = await createWorld();
  await world.own.listSync();
  const board = (await world.own.group("Board")).id;
  return { ...world, board };
}

const checkOf = async (own: Awaited<ReturnType<typeof ready>>["own"], id: Parameters<typeof findChecks>[1]) =>
  (await findChecks(own.ctx, id)).find(({ code }) => code === "opt_out_category");

test("4.1 a mailing is of one opt-out category at most; a copy is of the same, and its publishing keeps the name", async () => {
  const { own, addAccount, board } = await ready();
  const other = await addAccount();
  const id = await addMailing(own, { to: [board] });
  expect((await findMailing(own.ctx, id)).optOutCategoryId).toBeNull();
  const news = must(
    (await listOptOutCategories(own.ctx)).find(({ name }) => name === "Newsletters"),
    "the site has it",
  );
  const changed = await changeMailing(own.ctx, id, { optOutCategoryId: news.id });
  expect(changed.optOutCategoryId).toBe(news.id);
  expect((await changeMailing(own.ctx, id, { subject: "Another" })).optOutCategoryId).toBe(news.id);
  expect((await createMailing(own.ctx, { name: "Copy", copyOf: id })).optOutCategoryId).toBe(news.id);
  expect(await checkOf(own, id)).toMatchObject({ severity: "ok", message: "Its opt-out category is 'Newsletters'." });
  const { instance } = await publishMailing(own.ctx, id, { version: changed.version + 1 });
  own.simulator.state.optOutCategories = [];
  await own.listSync();
  expect(await checkOf(own, id)).toMatchObject({ severity: "warning", message: expect.stringMatching(/missing/) });
  expect((await findInstance(own.ctx, instance.id)).instance.optOutCategory).toBe("Newsletters");
  expect((await changeMailing(own.ctx, id, { optOutCategoryId: null })).optOutCategoryId).toBeNull();
  expect(await checkOf(own, id)).toBeUndefined();
  await expect(
    changeMailing(own.ctx, id, { optOutCategoryId: "019a0000-0000-7000-8000-000000000000" as CategoryId }),
  ).rejects.toMatchObject({ name: "NotFoundError" });
  const foreign = await createMailing(other.ctx, { name: "Foreign" });
  await expect(changeMailing(other.ctx, foreign.id, { optOutCategoryId: news.id })).rejects.toMatchObject({
    name: "NotFoundError",
  });
});

test("4.1 the AMS's preference link is a field where it is set, and leads each person to their own page", async () => {
  const { own, board } = await ready();
  const offered = async () => (await listMailingFields(own.ctx)).find(({ name }) => name === "ams_preferences_url");
  expect(await offered()).toBeUndefined();
  const id = await addMailing(own, { to: [board], html });
  expect(await findChecks(own.ctx, id)).toContainEqual(
    expect.objectContaining({ code: "unknown_field", severity: "blocks" }),
  );
  await configureBridge(own.ctx, { preferenceLink: link });
  expect(await offered()).toMatchObject({ displayName: "Preferences in netFORUM Pro", isReserved: true });
  expect((await findChecks(own.ctx, id)).filter(({ code }) => code === "unknown_field")).toEqual([]);
  const built = await publishAndGoOn(own, { to: [board], html });
  expect(built.state).toBe("counting_down");
  const recipients = await own.ctx.db.transaction(own.ctx.accountId, async (tx) => {
    const { rows } = await sql<{ values: Record<string, string> }>`select "values" from recipient`.execute(tx);
    return rows;
  });
  const { content } = (await findInstance(own.ctx, built.id)).instance;
  const links = { click: () => "#", unsubscribe: "#u", preferences: "https://t/p", pixel: "" };
  expect(recipients).toHaveLength(59);
  for (const { values } of recipients) {
    expect(values.remote_id).toMatch(/^[0-9a-f-]{36}$/);
    const address = `https://members.example.org/preferences?key=${values.remote_id}`;
    expect(createFiller(content.html)({ values, links })).toContain(`href="${address}"`);
    expect(createFiller(content.text)({ values, links })).toContain(address);
  }
  // Who isn't in the AMS has no page there.
  expect(createFiller(content.html)({ values: {}, links })).toContain('href="https://t/p"');
});

test("4.1 it is escaped in its place, stays when the setting changes, and stands in no subject", async () => {
  const { own, board } = await ready();
  await configureBridge(own.ctx, { preferenceLink: "https://example.org/?a=1&k={customer_key}" });
  const id = await addMailing(own, { to: [board], html });
  await own.sync("Board");
  const [person] = (await searchSubscribers(own.ctx, undefined, 10)).filter(({ remoteId }) => remoteId !== null);
  const as = { subscriberId: must(person, "somebody is there").id };
  const { html: shown } = await previewMailing(own.ctx, id, as);
  expect(shown).toContain(`href="https://example.org/?a=1&amp;k=${person?.remoteId}"`);
  const { version } = await findMailing(own.ctx, id);
  const { instance } = await publishMailing(own.ctx, id, { version });
  await configureBridge(own.ctx, { preferenceLink: "" });
  expect(JSON.stringify((await findInstance(own.ctx, instance.id)).instance.content.html)).toContain(
    "example.org/?a=1",
  );
  await configureBridge(own.ctx, { preferenceLink: link });
  await changeMailing(own.ctx, id, { subject: "See {{ ams_preferences_url }}" });
  expect(await findChecks(own.ctx, id)).toContainEqual(expect.objectContaining({ code: "reserved_field" }));
});

test("4.1 a preference link that is none is refused with its reason", async () => {
  const { own } = await ready();
  await expect(configureBridge(own.ctx, { preferenceLink: "http://example.org/{customer_key}" })).rejects.toThrow(
    /preferenceLink.*https/,
  );
});
