import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { imageUrl } from "../../src/domain/mailings/content/image.ts";
import { receiveImage } from "../../src/domain/mailings/content/receive-image.ts";
import { newId } from "../../src/platform/ids.ts";
import { startServer } from "../harness/api.ts";
import { tinyImages } from "../harness/tiny-images.ts";
import { createWorld } from "../harness/world.ts";

/** A picture in a world, and its address on the world's server. */
async function serveImage(name = "Größe 100 % (1).png") {
  const world = await createWorld();
  const { url } = await startServer(world);
  const image = await receiveImage(world.own.ctx, name, Readable.from([tinyImages.png]));
  return { world, url, image, address: imageUrl({ publicUrl: url }, image) };
}

test("4.1 images: whoever has the address gets the picture, for a year, and as nothing else", async () => {
  const { image, address } = await serveImage();
  for (const headers of [
    {},
    { cookie: "lockstep=nonsense", accept: "text/html" },
    { origin: "https://mail.example" },
  ]) {
    const answer = await fetch(address, { headers });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "image/png",
      "content-length": String(tinyImages.png.length),
      "content-disposition": "inline",
      "cache-control": "public, max-age=31536000, immutable",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      etag: `"${image.id}"`,
    });
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(tinyImages.png);
  }
});

test("4.1 images: who has it already is told so, and who asks for the head gets no body", async () => {
  const { image, address } = await serveImage();
  for (const known of [`"${image.id}"`, `W/"${image.id}"`, `"other", "${image.id}"`, "*"]) {
    const answer = await fetch(address, { headers: { "if-none-match": known } });
    expect([answer.status, await answer.text(), answer.headers.get("etag")]).toEqual([304, "", `"${image.id}"`]);
    expect(answer.headers.get("cache-control")).toMatch(/immutable/);
  }
  expect((await fetch(address, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  const head = await fetch(address, { method: "HEAD" });
  expect([head.status, head.headers.get("content-type"), await head.text()]).toEqual([200, "image/png", ""]);
});

test("4.1 images: every other address is not found, in plain words, to a browser too", async () => {
  const { url, image } = await serveImage("logo.png");
  for (const path of [
    `${newId()}/logo.png`,
    `${image.id}/other.png`,
    `${image.id}/logo.png%00`,
    `${image.id}/LOGO.png`,
    "nonsense/logo.png",
    `${"0".repeat(36)}/logo.png`,
    `${image.id.slice(0, -1)}%00/logo.png`,
  ]) {
    const answer = await fetch(`${url}/images/${path}`, { headers: { accept: "text/html" } });
    expect([answer.status, await answer.text()], path).toEqual([404, "There is no such image.\n"]);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
  }
  for (const path of ["", image.id, `${image.id}/logo.png/more`]) {
    expect((await fetch(`${url}/images/${path}`, { headers: { accept: "text/html" } })).status, path).toBe(404);
  }
  expect((await fetch(`${url}/images/${image.id}/logo.png`, { method: "POST" })).status).toBe(404);
});

test("4.1 images: every name that is kept makes an address that answers", async () => {
  const { world, url } = await serveImage();
  const letters = ["漢", "🎈", "ö", "a", "%", "e\u0301", "'", '"', "<b>", "?", "#", "&", ";", "+", "..", "{{"];
  for (const name of letters.map((letter) => `${letter.repeat(200 / letter.length)}.png`)) {
    const image = await receiveImage(world.own.ctx, name, Readable.from([tinyImages.png]));
    const answer = await fetch(imageUrl({ publicUrl: url }, image));
    expect(answer.status, image.fileName).toBe(200);
    await answer.arrayBuffer();
  }
});
