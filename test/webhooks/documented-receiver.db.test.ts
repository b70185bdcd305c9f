import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addWebhook, replaceSecret } from "../../src/domain/webhooks/change-webhooks.ts";
import { getDelivery, sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { WebhookLane } from "../../src/worker/webhook-lane.ts";
import { createWorld } from "../harness/world.ts";

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** The receiver of the user guide, as it stands there. */
async function startDocumented(port: number, secret: string): Promise<void> {
  const guide = await readFile(join(import.meta.dirname, "../../docs/user-guide/webhooks.md"), "utf8");
  const [, code] = must(/```js\n(.*?)```/s.exec(guide), "the guide has an example");
  const folder = await mkdtemp(join(tmpdir(), "lockstep-receiver-"));
  const file = join(folder, "receiver.mjs");
  await writeFile(file, must(code, "it has a body"));
  const child = spawn(process.execPath, [file], { env: { SECRET: secret, PORT: String(port) }, stdio: "ignore" });
  onTestFinished(async () => {
    child.kill();
    await once(child, "exit");
    await rm(folder, { recursive: true });
  });
  await expect
    .poll(() =>
      fetch(`http://127.0.0.1:${port}/`).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
}

test("the receiver of the user guide takes what Lockstep signs, through a change of secrets, and nothing else", async () => {
  const { own, ctx, clock } = await createWorld();
  clock.set(Temporal.Now.instant());
  const lane = new WebhookLane(ctx, { processId: newId(), signal: new AbortController().signal });
  const [port, otherPort] = [await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}/`;
  const { id, secret } = await addWebhook(own.ctx, { url, events: ["sync.held"] });
  const stranger = await addWebhook(own.ctx, { url: `http://127.0.0.1:${otherPort}/`, events: ["sync.held"] });
  await startDocumented(port, secret);
  await startDocumented(otherPort, `whsec_${Buffer.alloc(32, 1).toString("base64")}`);
  await replaceSecret(own.ctx, id);
  const [right, wrong] = [await sendTest(own.ctx, id), await sendTest(own.ctx, stranger.id)];
  await lane.look();
  await lane.settle();
  expect(await getDelivery(own.ctx, id, right.id)).toMatchObject({ state: "delivered", status: 204 });
  expect(await getDelivery(own.ctx, stranger.id, wrong.id)).toMatchObject({ state: "waiting", status: 401 });
  const unsigned = await fetch(url, { method: "POST", body: "{}" });
  expect(unsigned.status).toBe(401);
});
