import { sql } from "kysely";
import { expect, test } from "vitest";
import { addWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { CallOut } from "../../src/platform/call-out.ts";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { add, createHookWorld, latest } from "../harness/hook-world.ts";
import { startReceiver } from "../harness/receiver.ts";

test("no redirect is followed: a receiver can't send us elsewhere", async () => {
  const { own, deliver } = await createHookWorld();
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  const { id } = await add(own, receiver);
  receiver.answer = (response) => response.writeHead(307, { location: elsewhere.url }).end();
  await sendTest(own.ctx, id);
  await deliver();
  expect(elsewhere.received).toEqual([]);
  expect(await latest(own, id)).toMatchObject({ state: "waiting", status: 307 });
  expect((await latest(own, id)).error).toContain("redirects are not followed");
});

const strict = { allowPrivate: false };

test.each([
  "http://example.org/hook",
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://[::1]/",
  "https://[::ffff:10.0.0.1]/",
  "https://[fd12::1]/",
  "https://169.254.169.254/latest/meta-data",
  "https://localhost/",
  "https://10.0.0.1/",
  "https://user:secret@example.org/",
  "https://example.org:22/",
  "ftp://example.org/",
  "nonsense",
])("an address that may not be called from here is refused when it is entered: %s", async (url) => {
  const { own } = await createHookWorld({ callOut: strict });
  await expect(addWebhook(own.ctx, { url, events: ["sync.held"] })).rejects.toMatchObject({ code: "invalid_input" });
});

test("a name that leads to a private address is refused when it is called, whatever it led to before", async () => {
  const receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  for (const address of ["127.0.0.1", "10.1.2.3", "::1", "fd00::1", "169.254.169.254"]) {
    const family = address.includes(":") ? 6 : 4;
    const resolve = ((_name: string, _options: unknown, done: (e: null, a: object[]) => void) =>
      done(null, [{ address, family }])) as never;
    const callOut = new CallOut({ ...strict, resolve });
    const call = callOut.post(
      "https://receiver.example:8443/",
      {},
      "{}",
      Temporal.Now.instant(),
      AbortSignal.timeout(5000),
    );
    await expect(call).rejects.toThrow(/only an operator may allow \(LOCKSTEP_ALLOW_PRIVATE_WEBHOOKS\)/);
    await callOut.close();
  }
  const literal = new CallOut(strict);
  const call = literal.post(`http://127.0.0.1:${port}/`, {}, "{}", Temporal.Now.instant(), AbortSignal.timeout(5000));
  await expect(call).rejects.toThrow("must begin with https");
  await literal.close();
  expect(receiver.received).toEqual([]);
});

test("what an operator allowed once and no longer is not called: the log says why", async () => {
  const { own, ctx, query } = await createHookWorld();
  const receiver = await startReceiver();
  const { id } = await add(own, receiver);
  await sendTest(own.ctx, id);
  const callOut = new CallOut(strict);
  const lane = new WebhookLane({ ...ctx, callOut }, { processId: newId(), signal: new AbortController().signal });
  await lane.look();
  await lane.settle();
  await callOut.close();
  expect(receiver.received).toEqual([]);
  expect((await latest(own, id)).error).toContain("must begin with https://");
  expect(await query(sql`select status from webhook_attempt`)).toEqual([{ status: null }]);
});
