import { request } from "undici";
import { expect, test } from "vitest";
import { startServer } from "../harness/api.ts";
import { createWorld } from "../harness/world.ts";

test("the API's document is the committed one; `npm run api` writes it anew, and the pages' types from it", async () => {
  const world = await createWorld();
  const { url, close } = await startServer(world);
  try {
    const answer = await request(`${url}/api/openapi.json`);
    await expect(`${JSON.stringify(await answer.body.json(), null, 2)}\n`).toMatchFileSnapshot(
      "../../docs/openapi.json",
    );
  } finally {
    await close();
  }
});
