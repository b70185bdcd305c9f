import { createSign, createVerify } from "node:crypto";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { startNameServer } from "../../../../test/harness/name-server.ts";
import { createWorld } from "../../../../test/harness/world.ts";
import { must } from "../../../platform/errors.ts";
import type { AccountContext } from "../../context.ts";
import { addDomain, discardKey, listDomains, prepareKey, removeDomain, replaceKey } from "./change-domains.ts";
import { checkDomain } from "./check-domain.ts";
import { findSigningKey } from "./find-signing-key.ts";
import { checkSender } from "./sender-check.ts";
import type { FindingKind, SendingDomain } from "./sending-domain.ts";

const statusOf = ({ findings }: SendingDomain, kind: FindingKind) =>
  findings.find((finding) => finding.kind === kind)?.status;
const keyFor = (ctx: AccountContext, address: string) =>
  ctx.db.transaction(ctx.accountId, (tx) => findSigningKey(tx, ctx, address));
const senderCheck = (ctx: AccountContext, address: string) =>
  ctx.db.transaction(ctx.accountId, (tx) => checkSender(tx, ctx, address));

async function createNamedWorld() {
  const names = await startNameServer();
  const settings = { publicUrl: "https://lockstep.example.net", bounceDomain: "bounces.example.net", spfTerm: null };
  const world = await createWorld({ dnsServers: [names.address], settings });
  return { names, world, ctx: world.own.ctx };
}

test("4.5 a new domain lacks everything; its records pasted into DNS, everything is right", async () => {
  const { names, ctx } = await createNamedWorld();
  const added = await addDomain(ctx, "Example.ORG");
  expect(added.name).toBe("example.org");
  expect(added.findings.map(({ kind, status }) => `${kind} ${status}`)).toEqual([
    "dkim missing",
    "spf missing",
    "dmarc missing",
    "mx missing",
    "return_path missing",
  ]);
  for (const { record } of added.findings) if (record) names.set(record.name, record.type, record.value);
  names.set("example.org", "MX", "10 mx.example.org");
  const checked = await checkDomain(ctx, added.id);
  expect(checked.findings.map(({ status }) => status)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
  await expect(addDomain(ctx, "example.org.")).rejects.toMatchObject({ code: "sending_domain_exists" });
  await expect(addDomain(ctx, "no domain")).rejects.toMatchObject({ code: "invalid_input" });
});

test("4.5 a subdomain is covered by its parent's DMARC record", async () => {
  const { names, ctx } = await createNamedWorld();
  names.set("_dmarc.example.org", "TXT", "v=DMARC1; p=reject");
  expect(statusOf(await addDomain(ctx, "news.example.org"), "dmarc")).toBe("ok");
});

test("4.5 name servers that hang or fail are warnings, within seconds, and nothing is lost", async () => {
  const { names, ctx } = await createNamedWorld();
  for (const [how, words] of [
    ["hangs", "The name server does not answer. Look again in some minutes."],
    ["fails", "The name server says that it can't answer. Look again in some minutes."],
  ] as const) {
    names.behave(how);
    const began = performance.now();
    const { findings } = await addDomain(ctx, `${how}.example.org`);
    expect(performance.now() - began).toBeLessThan(5000);
    expect(findings.map(({ status }) => status)).toEqual(["warning", "warning", "warning", "warning", "warning"]);
    expect(new Set(findings.map(({ message }) => message))).toEqual(new Set([words]));
  }
});

test("4.5 the key that signs is the sender's own or a parent's; what it signs, the record in DNS verifies", async () => {
  const { ctx } = await createNamedWorld();
  const parent = await addDomain(ctx, "example.org");
  await addDomain(ctx, "news.example.org");
  expect((await keyFor(ctx, "a@news.example.org"))?.domain).toBe("news.example.org");
  expect((await keyFor(ctx, "A@Deep.Below.EXAMPLE.org"))?.domain).toBe("example.org");
  for (const address of ["a@example.com", "a@notexample.org", "a@org", "nobody", ""])
    expect(await keyFor(ctx, address)).toBeNull();
  const key = must(await keyFor(ctx, "a@example.org"), "the domain is there");
  const record = must(parent.findings.find(({ kind }) => kind === "dkim")?.record, "there is one to paste");
  expect(record.name).toBe(`${key.selector}._domainkey.example.org`);
  const signature = createSign("sha256").update("mail").sign(key.privateKey);
  const pem = `-----BEGIN PUBLIC KEY-----\n${record.value.split("p=")[1]}\n-----END PUBLIC KEY-----`;
  expect(createVerify("sha256").update("mail").verify(pem, signature)).toBe(true);
  expect(key.privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
});

test("4.5 a new key waits until DNS has it, then signs; the one before signs until then", async () => {
  const { names, world, ctx } = await createNamedWorld();
  const { id, key: first } = await addDomain(ctx, "example.org");
  await expect(replaceKey(ctx, id)).rejects.toMatchObject({ code: "no_next_key" });
  const prepared = await prepareKey(ctx, id);
  const next = must(prepared.nextKey, "one was made");
  expect(next.selector).not.toBe(first.selector);
  expect(statusOf(prepared, "next_dkim")).toBe("missing");
  await expect(replaceKey(ctx, id)).rejects.toMatchObject({ code: "key_not_published" });
  expect((await keyFor(ctx, "a@example.org"))?.selector).toBe(first.selector);
  names.set(`${next.selector}._domainkey.example.org`, "TXT", `v=DKIM1; k=rsa; p=${next.publicKey}`);
  const replaced = await replaceKey(ctx, id);
  expect([replaced.key, replaced.nextKey, statusOf(replaced, "dkim")]).toEqual([next, null, "ok"]);
  expect((await keyFor(ctx, "a@example.org"))?.selector).toBe(next.selector);
  await prepareKey(ctx, id);
  expect((await discardKey(ctx, id)).nextKey).toBeNull();
  const audit = await world.query<{ action: string }>(
    sql`select action from audit_entry where action like 'sending%' order by id`,
  );
  expect(audit.map(({ action }) => action.split(".")[1])).toEqual([
    "add",
    "prepare_key",
    "replace_key",
    "prepare_key",
    "discard_key",
  ]);
});

test("4.5 the checklist warns of a sender without a domain and of records that lack, and blocks nothing", async () => {
  const { names, ctx } = await createNamedWorld();
  expect(await senderCheck(ctx, "a@example.org")).toMatchObject({ code: "no_sending_domain", severity: "warning" });
  const { id, findings } = await addDomain(ctx, "example.org");
  expect(await senderCheck(ctx, "a@news.example.org")).toMatchObject({
    code: "sender_records",
    severity: "warning",
    message: "DKIM, SPF, DMARC, MX, the return path of example.org must be mended in DNS, or mails may be called spam.",
  });
  for (const { record } of findings) if (record) names.set(record.name, record.type, record.value);
  names.set("example.org", "MX", "10 mx.example.org");
  await checkDomain(ctx, id);
  expect(await senderCheck(ctx, "a@example.org")).toMatchObject({ code: "sender_ok", severity: "ok" });
});

test("6.5 private keys are sealed in the database, for their account alone; 6.4 another account's domains are unknown", async () => {
  const { world, ctx } = await createNamedWorld();
  const { id } = await addDomain(ctx, "example.org");
  const other = await world.addAccount();
  for (const act of [checkDomain, removeDomain, prepareKey, discardKey, replaceKey])
    await expect(act(other.ctx, id)).rejects.toMatchObject({ code: "not_found" });
  expect(await listDomains(other.ctx)).toEqual([]);
  expect(await keyFor(other.ctx, "a@example.org")).toBeNull();
  const [row] = await world.query<{ sealed: Buffer }>(sql`select private_key_sealed as sealed from sending_domain`);
  expect(row?.sealed.toString("latin1")).not.toContain("PRIVATE");
  await addDomain(other.ctx, "example.org");
  await removeDomain(ctx, id);
  expect(await keyFor(ctx, "a@example.org")).toBeNull();
  expect((await listDomains(other.ctx)).length).toBe(1);
});
