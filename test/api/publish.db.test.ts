import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { addMailing, goOn } from "../harness/mailings.ts";
import { createWorld } from "../harness/world.ts";

interface Story {
  readonly instance: { readonly state: string; readonly recipients: number; readonly version: number };
}

test("4.2 by API: the arithmetic, the press, the steps, who gets it, who is left out, and stop", async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  await own.sync("Everybody");
  await own.sync("Board");
  const mailing = await addMailing(own, {
    to: [(await own.group("Everybody")).id],
    notTo: [(await own.group("Board")).id],
  });
  const api = await clientOf(await serveApi(world), own);
  const audience = await api.get<{ recipients: number; excluded: Record<string, number> }>(
    `/mailings/${mailing}/audience`,
  );
  expect(audience.excluded.excluded_group).toBe(59);
  const body = { version: 1, recipients: audience.recipients };
  const key = { "idempotency-key": "press 1" };
  const pressed = await api.call<{ instance: { id: never } }>("POST", `/mailings/${mailing}/publish`, body, key);
  expect(pressed.status).toBe(202);
  const { id } = pressed.body.instance;
  expect((await api.call("POST", `/mailings/${mailing}/publish`, body, key)).body).toMatchObject({
    answer: "found",
    instance: { id },
  });
  await goOn(own, id);
  const { instance } = await api.get<Story>(`/instances/${id}`);
  expect(instance).toMatchObject({ state: "counting_down", recipients: audience.recipients });
  const list = await api.get<{ items: { email: string; place: number }[] }>(
    `/instances/${id}/recipients?limit=2&search=P1`,
  );
  expect(list.items).toHaveLength(2);
  expect(list.items.every(({ email }) => email.toLowerCase().startsWith("p1"))).toBe(true);
  const left = await api.get<{ items: unknown[] }>(`/instances/${id}/exclusions?reason=excluded_group&limit=200`);
  expect(left.items).toHaveLength(59);
  const stale = await api.call("POST", `/instances/${id}/pause`, { version: instance.version - 1 });
  expect(stale).toMatchObject({ status: 409, body: { code: "edited_meanwhile" } });
  await api.post(`/instances/${id}/cancel`);
  expect((await api.get<{ items: { id: string }[] }>("/instances?state=cancelled")).items.map((one) => one.id)).toEqual(
    [id],
  );
  // The same press again finds what it began, though that is over; another one with its key is refused.
  const again = await api.call("POST", `/mailings/${mailing}/publish`, body, key);
  expect(again).toMatchObject({ status: 200, body: { answer: "found", instance: { id, state: "cancelled" } } });
  const other = await api.call("POST", `/mailings/${mailing}/publish`, { version: 1 }, key);
  expect(other).toMatchObject({ status: 409, body: { code: "idempotency_key_reused" } });
  await own.workAll();
});

test("1.5 by API: a growth is a conflict that names both numbers", async () => {
  const world = await createWorld({ simulator: { members: 2000, jobs: [{ name: "Everybody", size: 600 }] } });
  const { own, clock } = world;
  await own.listSync();
  await own.sync("Everybody");
  clock.advance({ hours: 1 });
  const [job] = own.simulator.state.jobs;
  if (job) job.size = 1900;
  await own.sync("Everybody");
  const mailing = await addMailing(own, { to: [(await own.group("Everybody")).id] });
  const api = await clientOf(await serveApi(world), own);
  const refused = await api.call("POST", `/mailings/${mailing}/publish`, { version: 1 });
  expect(refused).toMatchObject({ status: 409, body: { code: "growth", growth: { source: "median" } } });
  await api.post(`/mailings/${mailing}/publish`, { version: 1, isGrowthConfirmed: true });
  await own.workAll();
});

test("6.4 no sequence of an author's calls publishes a mailing, or moves one that is published", {
  timeout: 120_000,
}, async () => {
  const world = await createWorld();
  const { own } = world;
  await own.listSync();
  const mailing = await addMailing(own, { to: [(await own.group("Board")).id] });
  const other = await addMailing(own, { to: [(await own.group("Board")).id], name: "Published" });
  const url = await serveApi(world);
  const publisher = await clientOf(url, own);
  const dueAt = own.ctx.clock.now().add({ hours: 8 }).toString();
  const { instance } = await publisher.post<{ instance: { id: string } }>(`/mailings/${other}/publish`, {
    version: 1,
    dueAt,
  });
  const { token } = await createApiKey(own.ctx, "author", "author");
  const actions = ["pause", "resume", "cancel", "retry", "use-last-good", "confirm-growth"];
  const calls: readonly (readonly [string, string, object])[] = [
    ["POST", `/mailings/${mailing}/publish`, { version: 1 }],
    ["POST", `/mailings/${mailing}/publish`, { version: 2, isGrowthConfirmed: true }],
    ["PATCH", `/mailings/${mailing}`, { version: 1, name: "Mine", state: "sent" }],
    ["PATCH", `/mailings/${mailing}`, { version: 1, name: "Mine" }],
    ["POST", `/mailings/${mailing}/copy`, {}],
    ["POST", `/mailings/${mailing}/archive`, {}],
    ["POST", `/mailings/${mailing}/unarchive`, {}],
    ["POST", "/mailings", { name: "New" }],
    ...actions.map((name) => ["POST", `/instances/${instance.id}/${name}`, {}] as const),
  ];
  const settled = () =>
    world.query(sql<{ id: string; state: string }>`select id, state from mailing_instance order by id`);
  const before = await settled();
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...calls), { minLength: 1, maxLength: 8 }), async (sequence) => {
      for (const [method, path, body] of sequence)
        await fetch(`${url}/api/v1${path}`, {
          method,
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify(body),
        });
      expect(await settled()).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
