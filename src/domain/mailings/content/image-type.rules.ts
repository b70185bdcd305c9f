import { type Size, sizeOfGif, sizeOfJpeg, sizeOfPng, sizeOfWebp } from "./image-size.rules.ts";

/** What mail programs show everywhere, and what can hold no script. (reliability 1.3, 15) */
export const imageTypes = ["image/png", "image/jpeg", "image/gif", "image/webp"] as const;
export type ImageType = (typeof imageTypes)[number];

export const mostImageBytes = 5 * 1024 ** 2;
const mostPixels = 8000;

interface Kind {
  readonly label: string;
  /** The first is given to a file that has another. */
  readonly endings: readonly [string, ...string[]];
  isOf(head: string): boolean;
  readonly sizeOf: (bytes: Buffer) => Size | null;
}

const kinds: Readonly<Record<ImageType, Kind>> = {
  "image/png": {
    label: "PNG",
    endings: ["png"],
    isOf: (head) => head.startsWith("\x89PNG\r\n\x1a\n"),
    sizeOf: sizeOfPng,
  },
  "image/jpeg": {
    label: "JPEG",
    endings: ["jpg", "jpeg"],
    isOf: (head) => head.startsWith("\xff\xd8\xff"),
    sizeOf: sizeOfJpeg,
  },
  "image/gif": { label: "GIF", endings: ["gif"], isOf: (head) => /^GIF8[79]a/.test(head), sizeOf: sizeOfGif },
  "image/webp": { label: "WebP", endings: ["webp"], isOf: (head) => /^RIFF.{4}WEBP/s.test(head), sizeOf: sizeOfWebp },
};

/** Files that people take for pictures of ours, by how they begin. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^(\xef\xbb\xbf)?\s*<(\?xml|!--|!doctype svg|svg)/i, "SVG, which mail programs don't show"],
  [/^.{4}ftyp(hei[cmsx]|hev[cx]|mif1|msf1)/s, "a HEIC photo, which most mail programs don't show"],
  [/^.{4}ftypavi[fs]/s, "AVIF, which many mail programs don't show"],
  [/^BM/, "BMP"],
  [/^(II\*|MM.\*)/s, "TIFF, which mail programs don't show"],
  [/^%PDF-/, "PDF"],
];

/** What a picture is, or why it can't be one of a mailing: what the file "is", with the way out. */
export type ImageReading = ({ readonly mediaType: ImageType } & Size) | { readonly problem: string };

/**
 * Reads what kind of picture these bytes are and how large. The bytes alone say it: neither a file's name nor the type
 * that came with it does. (reliability 1.3, 15)
 */
export function readImage(content: Uint8Array): ImageReading {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes.length === 0) return { problem: "is empty" };
  if (bytes.length > mostImageBytes) {
    return { problem: "is larger than 5 MB; make it smaller: a width of 1,400 pixels is plenty for a mail" };
  }
  const head = bytes.toString("latin1", 0, 64);
  const mediaType = imageTypes.find((type) => kinds[type].isOf(head));
  if (!mediaType) {
    const other = others.find(([begins]) => begins.test(head))?.[1] ?? "no picture";
    return { problem: `is ${other}; save it as PNG, JPEG, GIF or WebP` };
  }
  const size = sizeOrProblem(kinds[mediaType], bytes);
  return "problem" in size ? size : { mediaType, ...size };
}

function sizeOrProblem({ label, sizeOf }: Kind, bytes: Buffer): Size | { readonly problem: string } {
  try {
    const size = sizeOf(bytes);
    if (!size || size.width === 0 || size.height === 0) {
      return { problem: `begins as ${label} but can't be read as one; save it again` };
    }
    if (Math.max(size.width, size.height) <= mostPixels) return size;
    return { problem: `is ${size.width} × ${size.height} pixels large; ${mostPixels} a side are the most` };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { problem: `is cut off: the ${label} ends in the middle; save or send it again` };
  }
}

/**
 * What a picture is called, and what its address ends in: as it came, with the ending of what it is, and short enough
 * for an address of a mail whatever its letters are.
 */
export function nameImage(given: string, mediaType: ImageType): string {
  const name = given
    .toWellFormed()
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Cf}/\\]+/gu, " ")
    .trim();
  const ending = /\.(\w+)$/.exec(name)?.[1] ?? "";
  const isEndingOf = (type: ImageType) => kinds[type].endings.includes(ending.toLowerCase());
  const kept = isEndingOf(mediaType) ? ending : kinds[mediaType].endings[0];
  const stem = imageTypes.some(isEndingOf) ? name.slice(0, -ending.length - 1) : name;
  return `${shorten(stem.replace(/^[\s.]+/, ""), mostNameBytes - kept.length - 1) || "image"}.${kept}`;
}

/** As an address has it: a letter outside ASCII takes six bytes and more. The router takes no longer ones. */
const mostNameBytes = 200;

function shorten(text: string, most: number): string {
  let [short, bytes] = ["", 0];
  for (const letter of text) {
    bytes += encodeURIComponent(letter).length;
    if (bytes > most) break;
    short += letter;
  }
  return short;
}
