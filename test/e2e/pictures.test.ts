import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { changeAccount } from "../../src/domain/accounts/change-account.ts";
import { changeField } from "../../src/domain/bridges/change-field.ts";
import { configureBridge } from "../../src/domain/bridges/configure-bridge.ts";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import type { Mailing } from "../../src/domain/mailings/mailing.ts";
import { addDomain } from "../../src/domain/mailings/senders/change-domains.ts";
import { measureAudiences } from "../../src/domain/subscribers/audience-size.ts";
import { goOnWithNightly, startNightly } from "../../src/domain/syncs/nightly.ts";
import { createFolder } from "../../src/domain/target-groups/change-folder.ts";
import { createCompound } from "../../src/domain/target-groups/compose-group.ts";
import type { GroupId } from "../../src/domain/target-groups/target-group.ts";
import { receiveUpload } from "../../src/domain/uploads/receive-upload.ts";
import { must } from "../../src/platform/errors.ts";
import { openPages } from "../harness/browser.ts";
import { startNameServer } from "../harness/name-server.ts";
import { looks, take } from "../harness/pictures.ts";
import { scheduleMailings, sendMailings } from "../harness/sent-mailings.ts";
import { type Account, createWorld, type World } from "../harness/world.ts";
import { addWritebacks } from "../harness/writebacks.ts";

/** Where the pictures of the docs go: only `npm run pictures` names it. */
const folder = process.env.LOCKSTEP_PICTURES;

describe.runIf(folder !== undefined)("pictures for the docs", () => {
  test("of the main pages: light, dark and on a phone", { timeout: 600_000 }, async () => {
    const into = must(folder, "the test runs only with a folder");
    await mkdir(into, { recursive: true });
    const world = await createLivedInWorld();
    const { own } = world;
    const [fellows, students] = [await own.group("Fellows"), await own.group("Students")];
    const compound = await createCompound(own.ctx, {
      name: "Registrants who are neither speakers nor students",
      folderId: null,
      composition: {
        include: { isAll: false, of: [(await own.group("Annual Conference 2026 – Registrants")).id, fellows.id] },
        exclude: {
          isAll: false,
          of: [(await own.group("Annual Conference 2026 – Speakers & Chairs")).id, students.id],
        },
      },
    });
    const upload = await receiveUpload(own.ctx, "Gala guests 2026.csv", Readable.from([Buffer.from(guests)]));
    const found = await own.request("Annual Conference 2026 – Registrants", { trigger: "resync" });
    const held = await findHeld(world);
    const report = await sendSomeMailings(world, [students.id, fellows.id]);
    await addWritebacks(world, 400);
    await configureBridge(own.ctx, {
      preferenceLink: "https://members.aas.example.org/preferences?key={customer_key}",
    });
    await addDomain(own.ctx, "applied-sciences.example");
    const mailing = await writeMailings(own, [compound.id, fellows.id]);
    const pages = await openPages(world);
    const person = await pages.web.person("administrator");
    const shots = [
      ["home", "/"],
      ["target-groups", "/target-groups"],
      ["compound-group", `/target-groups/${compound.id}`],
      ["upload-a-list", `/target-groups/upload?upload=${upload.id}`],
      ["count-details", `/target-groups/${students.id}`],
      ["held-sync", `/syncs/${held}/review`],
      ["subscribers", "/subscribers?search=ana"],
      ["mailings", "/mailings"],
      ["mailing-editor", `/mailings/${mailing.id}`, "Body"],
      ["syncs", "/syncs"],
      ["bridge-configuration", "/admin/bridge"],
      ["nightly-sync", "/admin/nightly"],
      ["users", "/admin/users"],
      ["account-settings", "/admin/account"],
      ["mailing-report", `/instances/${report}/report`],
      ["mailing-calendar", "/mailings/calendar"],
      ["sending-domains", "/admin/sending-domains"],
      ["writebacks", "/admin/bridge/writebacks", "The last 30 days"],
      ["opt-outs", "/admin/bridge", "Opt-outs in netFORUM Pro"],
    ] as const;
    expect(found.answer).toBe("queued");
    expect(fellows.counts.sendable).toBeGreaterThan(0);
    for (const { name, options } of looks) {
      const page = await pages.openAs(person, options);
      for (const [shot, path, heading] of shots) await take(page, path, join(into, `${shot}${name}.png`), heading);
    }
    await own.workAll();
  });
});

/** Some weeks of mailings, the next ones scheduled. @returns the last that went out */
async function sendSomeMailings(world: World, groups: readonly string[]): Promise<string> {
  const people = await world.query<{ id: number }>(
    sql`select min(id) as id from subscriber where standing = 'sendable' group by email_key order by 1 limit 2400`,
  );
  const to = people.map(({ id }) => id);
  const names = ["Advances, October", "Renew by December", "Call for abstracts", "Advances, November"];
  const ids = await sendMailings(world, { names, to, groups });
  await scheduleMailings(world, ["Annual Conference 2026: the programme", "Elections of the board"]);
  return must(ids.at(-1), "some went out");
}

async function findHeld(world: World): Promise<string> {
  const { sync } = await world.own.request("Fellows");
  return sync.id;
}

/** Drafts, and one that is nearly ready. */
async function writeMailings(own: Account, to: readonly GroupId[]): Promise<Mailing> {
  for (const name of ["Renewal reminder", "Welcome to new members", "Call for papers, second round"])
    await createMailing(own.ctx, { name });
  await createMailing(own.ctx, { name: "Monthly newsletter", isTemplate: true });
  const { id, body } = await createMailing(own.ctx, { name: "Annual conference: the early rate ends" });
  const document = JSON.parse(body);
  return changeMailing(own.ctx, id, {
    subject: 'Lisbon awaits, {{ ind_first_name | default: "dear member" }}',
    preheader: "The early rate ends on 1 December",
    fromName: "Association of Applied Sciences",
    fromAddress: "conference@aas.example.org",
    audience: { to, notTo: [] },
    body: JSON.stringify({ ...document, blocks: [...conference, ...document.blocks] }),
  });
}

/** Six weeks in the life of an association: people come and go, a query is spoilt, a night fails for one group. */
async function createLivedInWorld(): Promise<World> {
  const names = await startNameServer();
  names.set("applied-sciences.example", "MX", "10 mx.applied-sciences.example");
  names.set("_dmarc.applied-sciences.example", "TXT", "v=DMARC1; p=quarantine");
  names.set("applied-sciences.example", "TXT", "v=spf1 include:spf.mailhost.example -all");
  const world = await createWorld({
    dnsServers: [names.address],
    settings: { publicUrl: "https://lockstep.applied-sciences.example" },
    startsAt: "2026-09-28T12:00:00Z",
    timeZone: "America/New_York",
    simulator: { members: 40_000, jobs: jobs.map(([name, size]) => ({ name, size })) },
  });
  const { own, clock } = world;
  await changeAccount(own.ctx, { name: "Association of Applied Sciences" });
  await own.listSync();
  for (const [field, displayName] of fields) await changeField(own.ctx, field, { isKept: true, displayName });
  for (const [name] of jobs) await own.sync(name);
  const events = await createFolder(own.ctx, "Events", null);
  await createFolder(own.ctx, "Chapters", events.id);
  for (let day = 0; day < 42; day += 1) {
    clock.advance({ hours: 24 });
    await ask(own.simulator.url, "day", { advance: 1 });
    for (const name of ["Students", "Fellows", "Newsletter “Advances”"]) await own.sync(name);
    await measureAudiences(world.ctx);
  }
  const night = must(await startNightly(own.ctx), "a run on demand always starts");
  for (let step = 0; step < 3; step += 1) {
    await own.workAll();
    await goOnWithNightly(own.ctx, night.id);
  }
  await ask(own.simulator.url, "jobs", { resize: { name: "Fellows", size: 700 } });
  expect((await own.sync("Fellows")).state).toBe("held");
  own.strike("html");
  await own.sync("Committee volunteers");
  own.heal();
  return world;
}

async function ask(url: string, what: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/admin/${what}`, { method: "POST", body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

const jobs = [
  ["All members", 4000],
  ["Annual Conference 2026 – Registrants", 1160],
  ["Annual Conference 2026 – Speakers & Chairs", 174],
  ["Board of Directors", 16],
  ["Committee volunteers", 203],
  ["Fellows", 1100],
  ["Lapsed members, win back", 884],
  ["Newsletter “Advances”", 3000],
  ["Students", 1450],
] as const;
const fields = [
  ["ind_first_name", "First name"],
  ["ind_last_name", "Last name"],
  ["org_name", "Organisation"],
] as const;
const conference = [
  { id: "1", kind: "heading", html: "Lisbon, 14 to 16 May", level: 1, align: "left" },
  {
    id: "2",
    kind: "text",
    html: '<p>Dear {{ ind_first_name | default: "member" }},</p><p>three days of talks, <strong>workshops</strong> and a gala await you. Whoever registers before <strong>1 December</strong> pays the early rate.</p>',
    align: "left",
  },
  { id: "3", kind: "button", label: "Register now", href: "https://aas.example.org/lisbon", align: "center" },
  { id: "4", kind: "divider" },
];
const guests = [
  "Name;E-mail;First name;Table",
  "Ana Souza;ana.souza@example.org;Ana;1",
  "Zoë Müller;zoe.mueller@example.net;Zoë;1",
  "Jean-Luc Bérard;jl.berard@example.com;Jean-Luc;2",
  "Priya Raman;priya@example.org;Priya;2",
  "Table of the sponsors;;;3",
].join("\r\n");
