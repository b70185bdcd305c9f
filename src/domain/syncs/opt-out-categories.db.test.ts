import { expect, test } from "vitest";
import { createWorld } from "../../../test/harness/world.ts";
import { listOptOutCategories } from "../bridges/list-opt-out-categories.ts";

const namesOf = async (own: Awaited<ReturnType<typeof createWorld>>["own"]) =>
  (await listOptOutCategories(own.ctx)).map(({ name, missingSince }) =>
    missingSince === null ? name : `${name} gone`,
  );

test("1.1 a list sync adds, renames, marks and revives opt-out categories", async () => {
  const { own } = await createWorld();
  const { state } = own.simulator;
  const first = await own.listSync();
  expect(first.listChanges?.optOutCategories).toMatchObject({
    counts: { added: 3, renamed: 0, missing: 0, revived: 0 },
  });
  expect(await namesOf(own)).toEqual(["Events and conferences", "Fundraising", "Newsletters"]);
  const [news, events, giving] = state.optOutCategories ?? [];
  if (!news || !events || !giving) throw new Error("the site has three");
  state.optOutCategories = [{ ...news, name: "Monthly news" }, giving, { key: "jobs", name: "Vacancies" }];
  const second = await own.listSync();
  expect(second.listChanges?.optOutCategories).toMatchObject({
    added: ["Vacancies"],
    renamed: ["Monthly news"],
    missing: ["Events and conferences"],
    revived: [],
  });
  expect(await namesOf(own)).toEqual(["Events and conferences gone", "Fundraising", "Monthly news", "Vacancies"]);
  state.optOutCategories.push(events);
  expect((await own.listSync()).listChanges?.optOutCategories?.revived).toEqual(["Events and conferences"]);
  expect(await namesOf(own)).not.toContain("Events and conferences gone");
  state.optOutCategories = [];
  expect((await own.listSync()).listChanges?.optOutCategories?.counts.missing).toBe(4);
});

test("1.1 a site without opt-out categories has none, and its list sync is as good as another", async () => {
  const { own } = await createWorld({ simulator: { optOutCategories: null } });
  const sync = await own.listSync();
  expect(sync).toMatchObject({ state: "succeeded", listChanges: { groups: { counts: { added: 3 } } } });
  expect(sync.listChanges).not.toHaveProperty("optOutCategories");
  expect(await namesOf(own)).toEqual([]);
});

test.each([
  ["record_return", { value: 1 }],
  ["truncate", { afterBytes: 500 }],
  ["html", {}],
  ["fault", { text: "You may not do this" }],
  ["missing_column", { text: "mct_name" }],
] as const)("1.1 a list of categories that can't be read (%s) fails nothing and changes none", async (kind, fault) => {
  const { own } = await createWorld({ connector: { retries: 0 } });
  await own.listSync();
  own.simulator.state.optOutCategories = [{ key: "jobs", name: "Vacancies" }];
  own.simulator.state.jobs[0] = { ...must(own.simulator.state.jobs[0]), name: "Renamed" };
  own.strike(kind, { ...fault, operation: "GetOptOutCategories" });
  expect(await own.listSync()).toMatchObject({
    state: "succeeded",
    listChanges: { groups: { renamed: ["Renamed"] } },
  });
  expect(await namesOf(own)).toEqual(["Events and conferences", "Fundraising", "Newsletters"]);
  own.heal();
  await own.listSync();
  expect(await namesOf(own)).toContain("Vacancies");
});

test("6.4 an account's opt-out categories are its own", async () => {
  const { own, addAccount } = await createWorld();
  const other = await addAccount();
  await own.listSync();
  expect(await listOptOutCategories(other.ctx)).toEqual([]);
});

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("there is one");
  return value;
}
