import { expect, test } from "vitest";
import { createApiKey } from "../../src/domain/accounts/api-keys.ts";
import { createUser } from "../../src/domain/accounts/create-user.ts";
import { tell } from "../../src/domain/events/tell.ts";
import { collectNotices, sendNoticeMails } from "../../src/domain/notices/send-notices.ts";
import { changeWebhook, getWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { newId } from "../../src/platform/ids.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { add, createHookWorld } from "../harness/hook-world.ts";
import { startReceiver } from "../harness/receiver.ts";
import { createWorld } from "../harness/world.ts";

interface Home {
  readonly switchedOffWebhooks: readonly unknown[];
  readonly unsentNotices: unknown;
}

test("4.3 a webhook that was switched off requires attention until somebody switches it on; only administrators see it", async () => {
  const world = await createHookWorld();
  const { own, deliver } = world;
  const receiver = await startReceiver();
  receiver.answer = (response) => response.writeHead(410).end();
  const { id } = await add(own, receiver);
  const url = await serveApi(world);
  const api = await clientOf(url, own);
  expect((await api.get<Home>("/home")).switchedOffWebhooks).toEqual([]);
  await sendTest(own.ctx, id);
  await deliver();
  expect((await api.get<Home>("/home")).switchedOffWebhooks).toEqual([
    { id, url: receiver.url, failingSince: expect.any(String), reason: expect.stringContaining("410 Gone") },
  ]);
  const { token } = await createApiKey(own.ctx, "viewer", "viewer");
  const asViewer = await fetch(`${url}/api/v1/home`, { headers: { authorization: `Bearer ${token}` } });
  expect(await asViewer.json()).toMatchObject({ switchedOffWebhooks: [], unsentNotices: null });
  const { version } = await getWebhook(own.ctx, id);
  await changeWebhook(own.ctx, id, { version, isActive: true });
  expect((await api.get<Home>("/home")).switchedOffWebhooks).toEqual([]);
});

test("4.3 notices that don't reach somebody require attention from the third refusal on, until one arrives", async () => {
  let refuses = true;
  const mail = {
    async send() {
      if (refuses) throw new Error("550 no such user here");
    },
    close() {},
  };
  const world = await createWorld({ mail });
  const { own, ctx, clock } = world;
  const { accountId } = own.ctx;
  const person = { email: "nora@example.org", name: "Nora", role: "administrator", accountId } as const;
  await createUser(ctx, person, "test");
  const api = await clientOf(await serveApi(world), own);
  const lookAfter = async (minutes: number) => {
    clock.advance({ minutes });
    await collectNotices(ctx);
    await sendNoticeMails(ctx, newId(), new AbortController().signal);
    return (await api.get<Home>("/home")).unsentNotices;
  };
  const fail = () =>
    ctx.db.transaction(accountId, (tx) =>
      tell(tx, own.ctx, "writeback.failed", [{ writebackId: 1, type: "unsubscribe", remoteId: "k", reason: "locked" }]),
    );
  await fail();
  expect(await lookAfter(3)).toBeNull();
  expect(await lookAfter(2), "refused twice").toBeNull();
  expect(await lookAfter(6)).toEqual({
    users: 1,
    at: expect.any(String),
    name: "Nora",
    reason: expect.stringContaining("550"),
  });
  for (let hour = 0; hour < 40; hour += 1) await lookAfter(60);
  expect(await lookAfter(1), "given up").toMatchObject({ users: 1, name: "Nora" });
  refuses = false;
  await fail();
  expect(await lookAfter(40)).toBeNull();
});
