import { request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { clientOf, serveApi } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

test("one stream tells what changes in the own account, and a seventh of the same caller is refused", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const client = await clientOf(url, world.own);
  const other = await world.addAccount();
  const open = async () => {
    const stopping = new AbortController();
    const headers = { authorization: `Bearer ${client.key}` };
    const answer = await request(`${url}/api/v1/events`, { headers, signal: stopping.signal });
    onTestFinished(() => stopping.abort());
    answer.body.on("error", () => {});
    return { answer, stop: () => stopping.abort() };
  };
  const first = await open();
  let heard = "";
  first.answer.body.on("data", (piece: Buffer) => {
    heard += piece.toString();
  });
  await other.listSync();
  const { id } = await world.own.listSync();
  await expect.poll(() => heard).toContain(`event: sync\ndata: {"id":"${id}",`);
  const told = [...heard.matchAll(/"id":"([^"]+)"/g)].map(([, told]) => told);
  expect(new Set(told)).toEqual(new Set([id]));
  const more = [];
  for (let stream = 2; stream <= 6; stream += 1) more.push(await open());
  expect(more.map(({ answer }) => answer.statusCode)).toEqual([200, 200, 200, 200, 200]);
  expect((await open()).answer.statusCode).toBe(429);
  more[0]?.stop();
  await expect.poll(async () => (await open()).answer.statusCode).toBe(200);
});
