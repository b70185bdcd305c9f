import { sql } from "kysely";
import { expect, test } from "vitest";
import { expectInStep, snapshot } from "../../../test/harness/truth.ts";
import { type Account, createWorld } from "../../../test/harness/world.ts";
import { changeField, listFields } from "../bridges/change-field.ts";
import { listTargetGroups } from "../target-groups/get-target-group.ts";
import { listFolders } from "./list-folders.ts";

async function namesOf(account: Account): Promise<readonly string[]> {
  const page = await listTargetGroups(account.ctx, { sort: "name", limit: 100 });
  return page.map(({ group }) => group.name);
}

function jobOf(account: Account, name: string) {
  const job = account.simulator.state.jobs.find((candidate) => candidate.name === name);
  if (!job) throw new Error(`the AMS has no query '${name}'`);
  return job;
}

test("1.1 adds a target group for each messaging job query, into the bridge's own folder, and every field", async () => {
  const { own } = await createWorld();
  const sync = await own.listSync();
  expect(sync).toMatchObject({ kind: "list", state: "succeeded", trigger: "bridge_refresh", attempt: 1 });
  expect(sync.listChanges?.groups).toMatchObject({ renamed: [], missing: [], revived: [] });
  expect([...(sync.listChanges?.groups.added ?? [])].sort()).toEqual(["Board", "Everybody", "Nobody"]);
  const [folder, ...others] = await listFolders(own.ctx);
  expect(folder).toMatchObject({ name: "netFORUM Pro", groups: 3 });
  expect(others).toEqual([]);
  expect(await own.group("Board")).toMatchObject({
    folderId: folder?.id,
    kind: "bridge",
    countState: "not_yet_counted",
  });
  const fields = await listFields(own.ctx);
  expect(fields).toHaveLength(25);
  expect(fields.find(({ name }) => name === "mbr_join_date")).toMatchObject({ dataType: "dateTime", isValid: true });
  const refused = fields.filter((field) => !field.isValid).map(({ name }) => name as string);
  expect(refused).toEqual(["cst_web_password", "ind_dob", "ind_ssn"]);
  expect((await own.bridge()).listSyncedAt).toEqual(sync.finishedAt);
});

test("1.1 a second list sync adds nothing and says so", async () => {
  const { own } = await createWorld();
  await own.listSync();
  const { listChanges } = await own.listSync();
  const none = { added: 0, renamed: 0, missing: 0, revived: 0 };
  const nothing = { added: [], renamed: [], missing: [], revived: [], counts: none };
  expect(listChanges).toEqual({ groups: nothing, fields: nothing, optOutCategories: nothing });
  expect(await namesOf(own)).toEqual(["Board", "Everybody", "Nobody"]);
});

test("1.1 reads the whole list from a site that cuts its answers", async () => {
  const jobs = Array.from({ length: 23 }, (_, number) => ({
    name: `Query ${String(number).padStart(2, "0")}`,
    size: 1,
  }));
  for (const rowCap of [1, 7, 23, 24]) {
    const { own } = await createWorld({ simulator: { jobs, rowCap } });
    await own.listSync();
    expect(await namesOf(own)).toEqual(jobs.map(({ name }) => name));
  }
});

test("1.1 takes a query's name as it is, whatever is in it", async () => {
  const names = ["Speakers & Chairs <2026>", "\"quoted\" 'n' %_\\", "Müller – 花子 🎉", "a".repeat(600)];
  const { own } = await createWorld({ simulator: { jobs: names.map((name) => ({ name, size: 1 })) } });
  await own.listSync();
  const wanted = [...names.slice(0, 3), "a".repeat(500)];
  expect([...(await namesOf(own))].sort()).toEqual(wanted.sort());
});

test("1.1 renames a renamed query's group wherever it was moved", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  const { id } = await own.group("Board");
  await query(sql`insert into folder (account_id, id, name, created_at)
    values (${own.ctx.accountId}, '00000000-0000-7000-8000-000000000001', 'Ours', now())`);
  await query(sql`update target_group set folder_id = '00000000-0000-7000-8000-000000000001' where id = ${id}`);
  jobOf(own, "Board").name = "Board of Directors";
  const { listChanges } = await own.listSync();
  expect(listChanges?.groups).toMatchObject({ added: [], renamed: ["Board of Directors"], missing: [], revived: [] });
  const renamed = await own.group("Board of Directors");
  expect(renamed).toMatchObject({ id, folderId: "00000000-0000-7000-8000-000000000001" });
  expect(await namesOf(own)).toEqual(["Board of Directors", "Everybody", "Nobody"]);
});

test("1.1 marks a vanished query's group, keeps its members, and revives it under its new name", async () => {
  const { own } = await createWorld();
  await own.listSync();
  await own.sync("Board");
  const before = await snapshot(own);
  const job = jobOf(own, "Board");
  own.simulator.state.jobs.splice(own.simulator.state.jobs.indexOf(job), 1);
  const gone = await own.listSync();
  expect(gone.listChanges?.groups).toMatchObject({ added: [], renamed: [], missing: ["Board"], revived: [] });
  const marked = await own.group("Board");
  expect(marked.missingSince).toEqual(gone.finishedAt);
  expect(await snapshot(own)).toEqual(before);
  expect((await own.listSync()).listChanges?.groups.missing).toEqual([]); // once, not every time
  expect((await own.group("Board")).missingSince).toEqual(gone.finishedAt);
  job.name = "Board again";
  own.simulator.state.jobs.push(job);
  const back = await own.listSync();
  expect(back.listChanges?.groups).toMatchObject({ added: [], renamed: ["Board again"], missing: [] });
  expect(back.listChanges?.groups.revived).toHaveLength(1);
  expect(await own.group("Board again")).toMatchObject({ id: marked.id, missingSince: null });
  await expectInStep(own, "Board again");
});

test("1.1 adds, marks and revives fields likewise, and keeps what people made of them", async () => {
  const { own, query } = await createWorld();
  await own.listSync();
  await changeField(own.ctx, "ind_first_name", { displayName: "First name", defaultValue: "member", isKept: true });
  await query(sql`insert into personalization_field (account_id, bridge_id, name, data_type, display_name, is_valid, created_at)
    select account_id, bridge_id, 'was_there', 'string', 'Was there', true, now() from personalization_field limit 1`);
  await query(sql`update personalization_field set missing_since = now() where name = 'adr_city'`);
  await query(sql`delete from personalization_field where name = 'chp_name'`);
  const { listChanges } = await own.listSync();
  expect(listChanges?.fields).toEqual({
    added: ["chp_name"],
    renamed: [],
    missing: ["was_there"],
    revived: ["adr_city"],
    counts: { added: 1, renamed: 0, missing: 1, revived: 1 },
  });
  const fields = new Map((await listFields(own.ctx)).map((field) => [field.name as string, field]));
  expect(fields.get("was_there")?.missingSince).not.toBeNull();
  expect(fields.get("adr_city")?.missingSince).toBeNull();
  expect(fields.get("ind_first_name")).toMatchObject({
    displayName: "First name",
    defaultValue: "member",
    isKept: true,
  });
});

test("1.1 never changes a count", async () => {
  const { own } = await createWorld();
  await own.listSync();
  await own.sync("Everybody");
  const before = await snapshot(own);
  own.simulator.state.people.day += 100;
  jobOf(own, "Everybody").size = 100;
  jobOf(own, "Board").name = "Directors";
  await own.listSync();
  await own.listSync("folder_refresh");
  const renamed = JSON.parse(JSON.stringify(before).replace('"Board"', '"Directors"'));
  expect(JSON.parse(JSON.stringify(await snapshot(own)))).toEqual(renamed);
});

test.each([
  ["record_return", { value: 1 }],
  ["record_return", {}],
  ["truncate", { afterBytes: 600 }],
  ["html", {}],
] as const)("1.1 a list that can't be trusted (%s) marks nothing as missing", async (kind, fault) => {
  const { own } = await createWorld({ connector: { retries: 0 } });
  await own.listSync();
  const { jobs } = own.simulator.state;
  const [kept] = jobs.splice(0, 2);
  own.strike(kind, { ...fault, operation: "GetQuery" });
  const failed = await own.listSync();
  expect(failed).toMatchObject({ state: "failed", errorKind: "incomplete" });
  const page = await listTargetGroups(own.ctx, { sort: "name", limit: 100 });
  expect(page.map(({ group }) => [group.name, group.missingSince])).toEqual([
    ["Board", null],
    ["Everybody", null],
    ["Nobody", null],
  ]);
  own.heal();
  expect((await own.listSync()).listChanges?.groups.missing).toHaveLength(2);
  if (kept) jobs.push(kept);
  expect((await own.listSync()).listChanges?.groups.revived).toEqual([kept?.name]);
});

test("1.1 a list with a query whose key is none is refused", async () => {
  const { own } = await createWorld();
  await own.listSync();
  own.simulator.state.jobs.push({ ...jobOf(own, "Board"), key: "ffffffff-' OR 1=1" });
  expect(await own.listSync()).toMatchObject({ state: "failed", errorKind: "incomplete" });
  expect(await namesOf(own)).toEqual(["Board", "Everybody", "Nobody"]);
});

test("1.1 a list with one key twice is refused: it would rename a group back and forth", async () => {
  const { own } = await createWorld();
  own.simulator.state.jobs.push({ ...jobOf(own, "Board"), name: "Board, too" });
  expect(await own.listSync()).toMatchObject({ state: "failed", errorKind: "incomplete" });
  expect(await namesOf(own)).toEqual([]);
});

test("1.1 the list of fields fails: nothing of the list of groups is kept either", async () => {
  const { own } = await createWorld();
  own.strike("fault", { operation: "GetFacadeXMLSchema" });
  expect(await own.listSync()).toMatchObject({ state: "failed", errorKind: "refused" });
  expect(await namesOf(own)).toEqual([]);
  own.heal();
  expect(await own.listSync()).toMatchObject({ state: "succeeded" });
});

test("1.1 of a list that is long, the record keeps 200 names and how many there were", async () => {
  const jobs = Array.from({ length: 230 }, (_, index) => ({ name: `Chapter ${index}`, size: 1 }));
  const { own } = await createWorld({ simulator: { members: 10, jobs } });
  const { listChanges } = await own.listSync();
  expect(listChanges?.groups.added).toHaveLength(200);
  expect(listChanges?.groups.counts.added).toBe(230);
});
