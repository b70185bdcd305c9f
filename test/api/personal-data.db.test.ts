import { expect, test } from "vitest";
import { searchSubscribers } from "../../src/domain/subscribers/find-subscribers.ts";
import { must } from "../../src/platform/errors.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

const address = "Ada.Lovelace@Example.org";

test("2.6 export, preview, erase and lift by the API", async () => {
  const world = await createWorld();
  const { own } = world;
  own.changePerson(10, { cst_eml_address_dn: address });
  await own.listSync();
  await own.sync("Everybody");
  const { id } = must((await searchSubscribers(own.ctx, address, 1))[0], "she came with the sync");
  const api = await clientOf(await serveApi(world), own);
  const get = (path: string) => fetch(`${api.url}/api/v1${path}`, { headers: { authorization: `Bearer ${api.key}` } });

  const json = await get(`/subscribers/${id}/export`);
  expect(json.headers.get("content-disposition")).toBe(
    `attachment; filename="${address}.json"; filename*=UTF-8''Ada.Lovelace%40Example.org.json`,
  );
  expect(await json.json()).toMatchObject({ addresses: [address], groups: [{ group: "Everybody" }] });
  const html = await get(`/subscribers/${id}/export?format=html`);
  expect(html.headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(await html.text()).toContain("<h1>What Association of Tests keeps of you</h1>");
  expect((await get(`/subscribers/${id}/export?format=pdf`)).status).toBe(400);

  expect(await api.get(`/subscribers/${id}/history?about=groups&about=status`)).toMatchObject({
    items: [{ kind: "joined", groupName: "Everybody" }, { kind: "created" }],
  });
  expect(await api.get(`/subscribers/${id}/erasure`)).toMatchObject({ entries: [{ id, email: address }], files: [] });
  expect(await api.call("POST", `/subscribers/${id}/erase`, { confirm: "ada" })).toMatchObject({ status: 400 });
  expect(await api.post(`/subscribers/${id}/erase`, { confirm: address })).toEqual({ entries: 1 });
  expect(await api.get(`/subscribers/${id}`)).toMatchObject({
    email: "Erased on request",
    standing: "unsubscribed",
    erasedAt: expect.any(String),
  });
  for (const path of ["history", "export", "erasure"])
    expect((await get(`/subscribers/${id}/${path}`)).status).toBe(404);
  expect(await api.call("POST", `/subscribers/${id}/resubscribe`, { reason: "x" })).toMatchObject({ status: 404 });

  const lift = (email: string) => api.call("POST", "/lifted-erasures", { email, reason: "by phone" });
  expect(await lift("nobody@example.org")).toMatchObject({ status: 404 });
  expect(await lift("no address")).toMatchObject({ status: 400 });
  expect(await api.call("POST", "/lifted-erasures", { email: address, reason: " " })).toMatchObject({ status: 400 });
  const lifted = await fetch(`${api.url}/api/v1/lifted-erasures`, {
    method: "POST",
    headers: { authorization: `Bearer ${api.key}`, "content-type": "application/json" },
    body: JSON.stringify({ email: address, reason: "by phone" }),
  });
  expect(lifted.status).toBe(204);
  const { items } = await api.get<{ items: { action: string; subject: string }[] }>("/audit-entries");
  expect(items.slice(0, 2)).toMatchObject([
    { action: "subscriber.lift_erasure", subject: "Erased on request" },
    { action: "subscriber.erase", subject: "Erased on request" },
  ]);
});
