import { describe, expect, test } from "vitest";
import { tinyImages } from "../../../../test/harness/tiny-images.ts";
import { mostImageBytes, nameImage, readImage } from "./image-type.rules.ts";

const images = Object.entries(tinyImages);
const typeOf = (name: string) => `image/${/^[a-z]+/.exec(name)?.[0]}`;

/** The picture with bytes of it replaced. */
function altered(image: Buffer, at: number, ...bytes: readonly number[]): Buffer {
  const copy = Buffer.from(image);
  copy.set(bytes, at);
  return copy;
}

const problemOf = (bytes: Uint8Array) => {
  const reading = readImage(bytes);
  return "problem" in reading ? reading.problem : null;
};

test.each(images)("4.1 images: %s is known by its bytes, with its width and height", (name, bytes) => {
  expect(readImage(bytes)).toEqual({ mediaType: typeOf(name), width: 3, height: 2 });
  // As a part of a larger memory, and with something behind it, as cameras and programs leave it.
  const within = Buffer.concat([Buffer.from("before"), bytes, Buffer.from("after")]);
  expect(readImage(new Uint8Array(within.buffer, within.byteOffset + 6, bytes.length))).toMatchObject({ width: 3 });
});

test.each(images)("4.1 images: %s that is cut off anywhere is refused", (_, bytes) => {
  for (let length = 0; length < bytes.length; length += 1) {
    expect(problemOf(bytes.subarray(0, length)), `${length} of ${bytes.length} bytes`).toBeTruthy();
  }
  expect(problemOf(bytes.subarray(0, bytes.length * 0.8))).toMatch(/^is cut off: the \w+ ends in the middle/);
});

test.each(images)("4.1 images: %s with any byte spoilt is read or refused, never anything else", (_, bytes) => {
  for (let at = 0; at < bytes.length; at += 1) {
    for (const byte of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
      const reading = readImage(altered(bytes, at, byte));
      if ("problem" in reading) expect(reading.problem).toMatch(/^(is|begins as) /);
      else expect(Math.max(reading.width, reading.height)).toBeLessThanOrEqual(8000);
    }
  }
});

describe("4.1 images: 8,000 pixels a side are the most, at both sides of the bound", () => {
  const { png, jpeg, gif, webp, webpLossless, webpAlpha } = tinyImages;
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  const wide = (pixels: number): readonly (readonly [string, Buffer])[] => [
    ["PNG", altered(png, 16, 0, 0, pixels >> 8, pixels & 255)],
    ["JPEG", altered(jpeg, frame + 7, pixels >> 8, pixels & 255)],
    ["GIF", altered(gif, 6, pixels & 255, pixels >> 8)],
    ["WebP", altered(webp, 26, pixels & 255, pixels >> 8)],
    ["WebP, lossless", altered(webpLossless, 21, (pixels - 1) & 255, 0x40 | ((pixels - 1) >> 8))],
    ["WebP with alpha", altered(webpAlpha, 24, (pixels - 1) & 255, (pixels - 1) >> 8)],
  ];
  test.each(wide(8000))("%s of 8,000", (_, bytes) => {
    expect(readImage(bytes)).toMatchObject({ width: 8000, height: 2 });
  });
  test.each(wide(8001))("%s of 8,001", (_, bytes) => {
    expect(problemOf(bytes)).toBe("is 8001 × 2 pixels large; 8000 a side are the most");
  });
});

test("4.1 images: a GIF whose frame is larger than its screen is as large as the frame", () => {
  const { gif } = tinyImages;
  const frame = gif.indexOf(0x2c, 25);
  expect(readImage(altered(gif, frame + 1, 10, 0, 0, 0))).toMatchObject({ width: 13, height: 2 });
  expect(problemOf(altered(gif, frame + 1, 0xff, 0xff))).toMatch(/^is 65538 × 2 pixels large/);
});

test.each([
  ["a PNG without width", altered(tinyImages.png, 16, 0, 0, 0, 0)],
  ["a PNG whose first chunk is another", altered(tinyImages.png, 12, 0x74, 0x45)],
  ["a PNG without pixels", Buffer.concat([tinyImages.png.subarray(0, 33), tinyImages.png.subarray(-12)])],
  ["a JPEG that is nothing but its beginning and its end", Buffer.from("ffd8ffd90000", "hex")],
  ["a JPEG whose pixels come before its size", Buffer.from("ffd8ffda0002ffd9", "hex")],
  ["a GIF without frames", Buffer.concat([tinyImages.gif.subarray(0, 25), Buffer.from(";")])],
  ["a WebP of a kind that isn't known", altered(tinyImages.webp, 12, 0x4a)],
  ["a WebP without its start code", altered(tinyImages.webp, 23, 0)],
])("4.1 images: %s is refused", (_, bytes) => {
  expect(problemOf(bytes)).toMatch(/^begins as \w+ but can't be read as one/);
});

test("4.1 images: what only bears a picture's name is refused, and said what it is", () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
  const cases: readonly (readonly [string | Buffer, RegExp])[] = [
    ["", /^is empty$/],
    [svg, /^is SVG/],
    [`\ufeff  <?xml version="1.0"?>\n${svg}`, /^is SVG/],
    [`<!-- drawn --> ${svg}`, /^is SVG/],
    ["\0\0\0\x18ftypheic", /^is a HEIC photo/],
    ["\0\0\0\x18ftypavif", /^is AVIF/],
    ["BM6\0", /^is BMP; save it as PNG, JPEG, GIF or WebP$/],
    ["II*\0", /^is TIFF/],
    ["%PDF-1.7", /^is PDF/],
    ["<html><script>alert(1)</script>", /^is no picture/],
    ["GIF88a", /^is no picture/],
    [Buffer.concat([Buffer.from(" "), tinyImages.png]), /^is no picture/],
  ];
  for (const [content, problem] of cases) expect(problemOf(Buffer.from(content))).toMatch(problem);
});

test("4.1 images: 5 MB are the most, to the byte", () => {
  const padded = (length: number) => Buffer.concat([tinyImages.png], length);
  expect(readImage(padded(mostImageBytes))).toMatchObject({ width: 3 });
  expect(problemOf(padded(mostImageBytes + 1))).toMatch(/^is larger than 5 MB/);
});

test.each([
  ["Logo (1).PNG", "image/png", "Logo (1).PNG"],
  ["photo.jpeg", "image/jpeg", "photo.jpeg"],
  ["photo.jpeg", "image/png", "photo.png"],
  ["page.html", "image/gif", "page.html.gif"],
  ["2026 report v1.2", "image/webp", "2026 report v1.2.webp"],
  ["Größe 100 %?#.png", "image/png", "Größe 100 %?#.png"],
  ["../../etc/passwd", "image/png", "etc passwd.png"],
  ["a\u202egnp.exe", "image/png", "a gnp.exe.png"],
  ["a\r\nSet-Cookie: x.png", "image/png", "a Set-Cookie: x.png"],
  [".png", "image/png", "image.png"],
  ["..", "image/png", "image.png"],
  ["", "image/jpeg", "image.jpg"],
  ["half \ud83d.png", "image/png", "half \ufffd.png"],
] as const)("4.1 images: a file '%s' of type %s is called '%s'", (given, type, name) => {
  expect(nameImage(given, type)).toBe(name);
});

test("4.1 images: no name is longer than the router takes, whatever its letters are", () => {
  for (const letter of ["a", "ö", "漢", "🎈", "👨‍👩‍👧", "e\u0301", "%"]) {
    const name = nameImage(`${letter.repeat(200)}.png`, "image/png");
    expect(encodeURIComponent(name).length).toBeLessThanOrEqual(200);
    expect(encodeURIComponent(name).length).toBeGreaterThan(180);
    expect(name).toMatch(/\.png$/);
    expect(name.isWellFormed()).toBe(true);
  }
});
