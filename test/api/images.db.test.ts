import { expect, test } from "vitest";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { clientOf, serveApi } from "../harness/api.ts";
import { tinyImages } from "../harness/tiny-images.ts";
import { type Account, createWorld } from "../harness/world.ts";

interface ImageBody {
  readonly id: string;
  readonly fileName: string;
  readonly url: string;
}
interface ImagePage {
  readonly items: readonly ImageBody[];
  readonly next: string | null;
}

/** A program of the account's that sends and lists pictures. */
async function openImages(url: string, account: Account) {
  const client = await clientOf(url, account);
  const send = async (content: Uint8Array | ReadableStream, name?: string, type = "image/png") => {
    const answer = await fetch(`${url}/api/v1/images${name === undefined ? "" : `?name=${encodeURIComponent(name)}`}`, {
      method: "POST",
      headers: { authorization: `Bearer ${client.key}`, "content-type": type },
      body: content,
      duplex: "half",
    });
    return { status: answer.status, body: (await answer.json()) as ImageBody & { code?: string; detail?: string } };
  };
  const list = (query = "") => client.get<ImagePage>(`/images${query}`);
  return { client, send, list };
}

/** Where the world's server answers what stands in a mail. */
const at = (url: string, image: Pick<ImageBody, "url">) => image.url.replace("http://127.0.0.1:8080", url);

test("4.1 images: every kind is received by its bytes, whatever type and name come with it, and served as it is", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const { send, list } = await openImages(url, world.own);
  const { png, jpeg, gif, webp } = tinyImages;
  for (const [type, content] of Object.entries({ png, jpeg, gif, webp })) {
    world.clock.advance({ seconds: 1 });
    const { status, body } = await send(
      content,
      "../Größe.html",
      type === "gif" ? "application/octet-stream" : "image/x",
    );
    expect(status).toBe(201);
    const fileName = ` Größe.html.${type === "jpeg" ? "jpg" : type}`.trim();
    expect(body).toEqual({
      id: expect.any(String),
      fileName,
      mediaType: `image/${type}`,
      bytes: content.length,
      width: 3,
      height: 2,
      createdAt: expect.stringMatching(/^2030-03-04T09:.*Z$/),
      createdBy: "API key test",
      url: `http://127.0.0.1:8080/images/${body.id}/${encodeURIComponent(fileName)}`,
    });
    expect((await list("?limit=1")).items).toEqual([body]);
    const served = await fetch(at(url, body));
    expect(served.headers.get("content-type")).toBe(`image/${type}`);
    expect(Buffer.from(await served.arrayBuffer())).toEqual(content);
  }
});

test("4.1 images: the list goes on behind its pages, newest first; those of one instant are neither lost nor doubled", async () => {
  const world = await createWorld();
  const { send, list } = await openImages(await serveApi(world), world.own);
  const sent: string[] = [];
  for (let place = 0; place < 5; place += 1) {
    if (place % 2 === 0) world.clock.advance({ seconds: 1 });
    sent.push((await send(tinyImages.png, `${place}.png`)).body.fileName);
  }
  const listed: string[] = [];
  for (let next: string | null = ""; next !== null; ) {
    const page: ImagePage = await list(`?limit=2${next && `&cursor=${next}`}`);
    listed.push(...page.items.map(({ fileName }) => fileName));
    next = page.next;
  }
  expect(listed).toEqual(sent.toReversed());
});

test("4.1 images: what isn't one is refused with its reason, and nothing is kept", async () => {
  const world = await createWorld();
  const { client, send, list } = await openImages(await serveApi(world), world.own);
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  for (const [content, detail] of [
    [svg, /^file: is SVG/],
    [Buffer.from("<script>alert(1)</script>"), /^file: is no picture/],
    [tinyImages.jpeg.subarray(0, 200), /^file: is cut off/],
    [Buffer.alloc(0), /^file: is empty/],
  ] as const) {
    const { status, body } = await send(content, "logo.png");
    expect([status, body.code]).toEqual([400, "invalid_input"]);
    expect(body.detail).toMatch(detail);
  }
  expect((await client.call("POST", "/images", "{}")).status).toBe(415);
  expect((await client.call("POST", "/images?name=a%0Db", undefined, { "content-type": "image/png" })).status).toBe(
    400,
  );
  expect((await list()).items).toEqual([]);
});

test("4.1 images: one of more than 5 MB is refused with its reason, whether its length was said before or not", async () => {
  const world = await createWorld();
  const { send, list } = await openImages(await serveApi(world), world.own);
  const large = Buffer.concat([tinyImages.png], 20 * 1024 ** 2);
  const inPieces = new Blob([large]).stream();
  for (const content of [large, inPieces]) {
    const { status, body } = await send(content);
    expect([status, body.detail]).toEqual([400, expect.stringMatching(/^file: is larger than 5 MB/)]);
  }
  expect((await list()).items).toEqual([]);
  expect((await send(large.subarray(0, 5 * 1024 ** 2))).status).toBe(201);
});

test("4.1 images: a deleted one is on no list any longer and is served on, since mails that were sent show it", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const { client, send, list } = await openImages(url, world.own);
  const { body: image } = await send(tinyImages.png, "logo.png");
  expect((await client.call("DELETE", `/images/${image.id}`)).status).toBe(204);
  expect((await list()).items).toEqual([]);
  expect((await client.call("DELETE", `/images/${image.id}`)).status).toBe(404);
  const served = await fetch(at(url, image));
  expect(Buffer.from(await served.arrayBuffer())).toEqual(tinyImages.png);
  const { items } = await client.get<{ items: { action: string; subject: string }[] }>("/audit-entries?limit=2");
  expect(items.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
    "image.delete logo.png",
    "image.receive logo.png",
  ]);
});

test("4.1 images: one that a mailing or a template shows is not deleted, and where it is shown is said", async () => {
  const world = await createWorld();
  const { own } = world;
  const { client, send, list } = await openImages(await serveApi(world), own);
  const { body: image } = await send(tinyImages.png, "logo.png");
  const { body: other } = await send(tinyImages.gif, "other.gif");
  const gala = await createMailing(own.ctx, { name: "Gala" });
  const document = JSON.parse(gala.body);
  const picture = { kind: "image", url: null, alt: "", href: "", widthPercent: 50, align: "left" };
  const blocks = [
    { id: "c", kind: "columns", ratio: "1-1", columns: [[{ ...picture, id: "p", imageId: image.id }], []] },
  ];
  await changeMailing(own.ctx, gala.id, { body: JSON.stringify({ ...document, blocks }) });
  const template = await createMailing(own.ctx, { name: "Monthly", isTemplate: true });
  await changeMailing(own.ctx, template.id, { bodyKind: "html", body: `<img src="${image.url}" alt="">` });
  const uses = await client.get<{ items: object[] }>(`/images/${image.id}/uses`);
  expect(uses.items).toEqual([
    { id: gala.id, name: "Gala", isTemplate: false, archivedAt: null },
    { id: template.id, name: "Monthly", isTemplate: true, archivedAt: null },
  ]);
  expect(await client.get(`/images/${other.id}/uses`)).toEqual({ items: [] });
  const refused = await client.call("DELETE", `/images/${image.id}`);
  expect([refused.status, refused.body]).toEqual([
    409,
    expect.objectContaining({
      code: "image_in_use",
      detail: "'logo.png' is shown by 'Gala' and the template 'Monthly'.",
    }),
  ]);
  expect((await list()).items.map(({ fileName }) => fileName)).toEqual(["other.gif", "logo.png"]);
  await changeMailing(own.ctx, gala.id, { body: gala.body });
  await changeMailing(own.ctx, template.id, { body: "<p>Without it</p>" });
  expect((await client.call("DELETE", `/images/${image.id}`)).status).toBe(204);
  expect((await client.call("GET", `/images/${image.id}/uses`)).status).toBe(404);
});

test("6.4 images: another account's are on no list, and can't be deleted", async () => {
  const world = await createWorld();
  const url = await serveApi(world);
  const theirs = await openImages(url, await world.addAccount());
  const { body: image } = await theirs.send(tinyImages.gif, "theirs.gif");
  const { client, list } = await openImages(url, world.own);
  expect((await list()).items).toEqual([]);
  expect((await client.call("DELETE", `/images/${image.id}`)).status).toBe(404);
  expect((await client.call("GET", `/images/${image.id}/uses`)).status).toBe(404);
  expect((await theirs.list()).items).toEqual([image]);
  const cursor = Buffer.from(JSON.stringify(["images", ["2040-01-01T00:00:00Z", image.id]])).toString("base64url");
  expect((await list(`?cursor=${cursor}`)).items).toEqual([]);
});
