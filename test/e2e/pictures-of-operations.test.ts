import { join } from "node:path";
import { Readable } from "node:stream";
import { sql } from "kysely";
import { describe, test } from "vitest";
import { changeAccount } from "../../src/domain/accounts/change-account.ts";
import { keepHouse } from "../../src/domain/housekeeping/keep-house.ts";
import { measureStorage } from "../../src/domain/installation/measure-storage.ts";
import { eraseOldValues } from "../../src/domain/mailings/publish/sweep.ts";
import { receiveUpload } from "../../src/domain/uploads/receive-upload.ts";
import { forgetOldUploads } from "../../src/domain/uploads/sweep-uploads.ts";
import { addWebhook, changeWebhook, getWebhook } from "../../src/domain/webhooks/change-webhooks.ts";
import { sendTest } from "../../src/domain/webhooks/look-at-deliveries.ts";
import { must } from "../../src/platform/errors.ts";
import { newId } from "../../src/platform/ids.ts";
import { openPages } from "../harness/browser.ts";
import { createHookWorld } from "../harness/hook-world.ts";
import { looks, take } from "../harness/pictures.ts";
import { startReceiver } from "../harness/receiver.ts";
import { sendMailings } from "../harness/sent-mailings.ts";

const folder = process.env.LOCKSTEP_PICTURES;

describe.runIf(folder !== undefined)("pictures for the docs, of what administrators and operators look after", () => {
  test("of webhooks, notices, housekeeping, storage and a restored copy", { timeout: 300_000 }, async () => {
    const into = must(folder, "the test runs only with a folder");
    const mail = { send: async () => {}, close() {} };
    const world = await createHookWorld({
      mail,
      startsAt: "2026-10-20T12:00:00Z",
      timeZone: "America/New_York",
      simulator: {
        members: 3000,
        jobs: ["All members", "Fellows"].map((name, nth) => ({ name, size: 2900 - nth * 2000 })),
      },
    });
    const { own, ctx, clock, query } = world;
    const pages = await openPages(world);
    await changeAccount(own.ctx, {
      name: "Association of Applied Sciences",
      syncDetailKeptDays: 30,
      valuesKeptDays: 7,
    });
    await own.listSync();
    const receiver = await startReceiver();
    const { id: hook } = await addWebhook(own.ctx, {
      url: receiver.url,
      events: ["sync.succeeded", "sync.held", "sync.failed"],
    });
    const { id: gone } = await addWebhook(own.ctx, { url: receiver.url, events: ["subscribers.unsubscribed"] });
    for (let day = 0; day < 8; day += 1) {
      await own.sync("All members");
      await own.sync("Fellows");
      if (day === 3)
        receiver.answer = (response) => response.writeHead(503, { "content-type": "text/plain" }).end("down");
      await world.deliver();
      receiver.answer = (response) => response.writeHead(204).end();
      await measureStorage(ctx);
      clock.advance({ hours: 24 });
    }
    await world.deliver();
    receiver.answer = (response) => response.writeHead(410).end();
    await sendTest(own.ctx, gone);
    await world.deliver();
    const people = await query<{ id: number }>(sql`select id from subscriber order by id limit 400`);
    const [sent] = await sendMailings(world, {
      names: ["Advances, October"],
      to: people.map(({ id }) => id),
      groups: [],
    });
    await query(sql`update recipient set "values" = '{"ind_first_name": "Ana"}' where instance_id = ${sent}`);
    await query(sql`update mailing_instance set state = 'sent', finished_at = coalesce(finished_at, ${clock.now()})`);
    for (let day = 0; day < 34; day += 1) {
      clock.advance({ hours: 24 });
      if (day % 9 === 4)
        await receiveUpload(own.ctx, "guests.csv", Readable.from([Buffer.from("Mail\nana@example.org\n")]));
      await eraseOldValues(ctx);
      await forgetOldUploads(ctx);
      await keepHouse(ctx, newId());
    }
    await own.sync("Fellows");
    await measureStorage(ctx);
    // What stands in the pictures is no address of this machine.
    await query(
      sql`update webhook set url = case when id = ${hook} then 'https://crm.aas.example.org/lockstep' else 'https://old-intranet.aas.example.org/hook' end`,
    );
    const administrator = await pages.web.person("administrator");
    const shots = [
      ["webhooks", "/admin/webhooks"],
      ["webhook-log", `/admin/webhooks/${hook}`, "What was sent"],
      ["notices", "/me/notices"],
      ["housekeeping", "/admin/housekeeping"],
    ] as const;
    for (const { name, options } of looks) {
      const page = await pages.openAs(administrator, options);
      for (const [shot, path, heading] of shots) await take(page, path, join(into, `${shot}${name}.png`), heading);
      const staff = await pages.openAs(await pages.web.person(null), options);
      await take(staff, "/staff/storage", join(into, `storage${name}.png`));
    }
    await query(sql`insert into operation.installation (place, seen_at, paused_at, paused_reason, erasures_unknown_since)
      values ('here', now(), now(), 'This database was restored from a backup of 2026-11-29 02:00 UTC. What its original sent and wrote back since then is not known here.', '2026-11-29T02:00Z')`);
    for (const { name, options } of looks) {
      const page = await pages.openAs(administrator, options);
      await page.goto("/");
      await page.getByText("Whoever was erased").waitFor();
      await take(page, "/", join(into, `restored-copy${name}.png`));
    }
    const { version } = await getWebhook(own.ctx, gone);
    await changeWebhook(own.ctx, gone, { version, isActive: true });
  });
});
