import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";

test("1.1 adds a target group for each query", async () => {
  const { own } = await createWorld();
  const sync = await own.listSync();
  expect(sync).toMatchObject({ state: "succeeded" });
  const r = await own.sync("Everybody");
  console.log(r);
});
