import { expect, test } from "vitest";
import type { Simulator } from "../../simulator/simulator.ts";
import { defaultMapping } from "../../src/connectors/netforum-pro/mapping.ts";
import { never, openSession, type SessionOptions, startAms } from "./open-session.ts";

function list(ams: Simulator, options: SessionOptions = {}) {
  return openSession(ams.url, { retries: 0, ...options }).session.listOptOutCategories?.(never);
}

const key = "6f1c0a4e-0001-4d6b-9a55-0d0c5e1b7a01";
const operation = "GetOptOutCategories";

test("the opt-out categories come as the AMS has them, whatever their names hold", async () => {
  const optOutCategories = [
    { key: `{${key.toUpperCase()}}`, name: "  Speakers & Chairs <2026> " },
    { key: "NEWS", name: "Müller – 花子 🎉" },
    { key: "blank", name: "   " },
    { key: "long", name: "a".repeat(500) },
  ];
  const ams = await startAms({ optOutCategories });
  expect(await list(ams)).toEqual([
    { key, name: "Speakers & Chairs <2026>" },
    { key: "NEWS", name: "Müller – 花子 🎉" },
    { key: "blank", name: "blank" },
    { key: "long", name: "a".repeat(200) },
  ]);
});

test("none at all is a list too; a site without the operation, or a mapping that asks for none, is not", async () => {
  expect(await list(await startAms({ optOutCategories: [] }))).toEqual([]);
  const without = await startAms({ optOutCategories: null });
  expect(await list(without)).toBeNull();
  expect(await list(await startAms(), { mapping: { ...defaultMapping, optOutCategories: null } })).toBeNull();
});

test("a mapping that was written before there were categories takes the default for them", async () => {
  const { optOutCategories: _, ...before } = defaultMapping;
  expect(await list(await startAms(), { mapping: before })).toHaveLength(3);
});

test.each([
  ["record_return", { value: 1 }, "incomplete"],
  ["record_return", {}, "incomplete"],
  ["truncate", { afterBytes: 500 }, "incomplete"],
  ["html", {}, "incomplete"],
  ["dtd", {}, "incomplete"],
  ["namespace", {}, "incomplete"],
  ["token_missing", {}, null],
  ["fault", { text: "You may not do this" }, "refused"],
] as const)("an answer that can't be trusted (%s) is no list", async (kind, fault, wanted) => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind, ...fault, operation }];
  if (wanted === null) expect(await list(ams)).toHaveLength(3);
  else await expect(list(ams)).rejects.toMatchObject({ name: "AmsError", kind: wanted });
});

test.each([
  ["two under one key", [1, 2].map((at) => ({ key, name: `Kind ${at}` })), "incomplete"],
  ["a key that is none", [{ key: " ", name: "Kind" }], "incomplete"],
  ["a key without end", [{ key: "k".repeat(101), name: "Kind" }], "incomplete"],
  ["a flood", Array.from({ length: 1001 }, (_, at) => ({ key: `k${at}`, name: `Kind ${at}` })), "limit"],
] as const)("a list with %s is refused", async (_, optOutCategories, kind) => {
  await expect(list(await startAms({ optOutCategories }))).rejects.toMatchObject({ kind });
});

test("a thousand categories are a list still", async () => {
  const optOutCategories = Array.from({ length: 1000 }, (_, at) => ({ key: `k${at}`, name: `Kind ${at}` }));
  expect(await list(await startAms({ optOutCategories }))).toHaveLength(1000);
});

test("columns of other names are told, so that they can be mapped", async () => {
  const ams = await startAms();
  ams.state.faults.list = [{ kind: "missing_column", text: "mct_name", operation }];
  await expect(list(ams)).rejects.toMatchObject({
    kind: "mapping",
    message: expect.stringContaining("lacks mct_name"),
    detail: expect.stringContaining("its rows have mct_key, mct_order"),
  });
});

test("Test connection names the categories as optional: without them the bridge works all the same", async () => {
  const check = async (ams: Simulator) => {
    const report = await openSession(ams.url, { retries: 0 }).session.check(never);
    return [report.ok, report.steps.at(-1)] as const;
  };
  const title = "List the opt-out categories (optional)";
  const without = await startAms({ optOutCategories: null });
  expect(await check(without)).toEqual([
    true,
    { title, outcome: "skipped", message: "the site offers none: mailings go without" },
  ]);
  expect(without.state.calls.get(operation)).toBeUndefined();
  const odd = await startAms();
  odd.state.faults.list = [{ kind: "missing_column", text: "mct_key", operation }];
  expect(await check(odd)).toEqual([
    true,
    { title, outcome: "skipped", message: expect.stringMatching(/^not to be had, and not needed: .*mct_name/) },
  ]);
});
