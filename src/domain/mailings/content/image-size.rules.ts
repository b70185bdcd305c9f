/** Width and height in pixels, as they are stored: before a camera's turning is undone. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Each reader finds the size in a picture's own bytes and walks on to where the picture ends.
 * @returns null where the bytes aren't what they began as @throws RangeError where they end too early
 */
type SizeReader = (bytes: Buffer) => Size | null;

/** PNG: chunks of a length, a name, content and a checksum; the header comes first. (PNG 5.3, 11.2.1) */
export const sizeOfPng: SizeReader = (bytes) => {
  if (bytes.readUInt32BE(8) !== 13 || nameAt(bytes, 12) !== "IHDR") return null;
  const size = { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  for (let at = 8, hasPixels = false; ; ) {
    const name = nameAt(bytes, at + 4);
    hasPixels ||= name === "IDAT";
    at += 12 + bytes.readUInt32BE(at);
    mustReach(bytes, at);
    if (name === "IEND") return hasPixels ? size : null;
  }
};

const endOfImage = Buffer.from([0xff, 0xd9]);

/** JPEG: segments of a marker and a length, then pixels, in which the end's marker can't stand. (ITU T.81, annex B) */
export const sizeOfJpeg: SizeReader = (bytes) => {
  let size: Size | null = null;
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1; // Padding
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd9) || length < 2) return null;
    if (isFrame(marker)) size ??= { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + length;
    if (marker !== 0xda) continue;
    if (!bytes.includes(endOfImage, at)) throw tooShort();
    return size;
  }
};

/** SOF0 to SOF15; three of the numbers between are something else's. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** GIF: a screen, and frames on it; one that stands out makes the picture larger. (GIF89a, 18–25) */
export const sizeOfGif: SizeReader = (bytes) => {
  let [width, height, frames] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8), 0];
  for (let at = 13 + colorTableBytes(bytes.readUInt8(10)); ; ) {
    const kind = bytes.readUInt8(at);
    if (kind === 0x3b) return frames > 0 ? { width, height } : null;
    if (kind === 0x21) at = behindPieces(bytes, at + 2);
    else if (kind === 0x2c) {
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = behindPieces(bytes, at + 11 + colorTableBytes(bytes.readUInt8(at + 9)));
      frames += 1;
    } else return null;
  }
};

const colorTableBytes = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);

/** Pieces of a length and content, up to one of length 0. */
function behindPieces(bytes: Buffer, from: number): number {
  for (let at = from; ; ) {
    const length = bytes.readUInt8(at);
    at += 1 + length;
    if (length === 0) return at;
  }
}

/** WebP: a length for all of it, and a first chunk of one of three kinds that says the size. (RFC 9649, 2.3–2.7) */
export const sizeOfWebp: SizeReader = (bytes) => {
  mustReach(bytes, 8 + bytes.readUInt32LE(4));
  switch (nameAt(bytes, 12)) {
    case "VP8 ":
      if (bytes.readUIntBE(23, 3) !== 0x9d012a) return null;
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case "VP8L": {
      if (bytes.readUInt8(20) !== 0x2f) return null;
      const bits = bytes.readUInt32LE(21);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
    }
    case "VP8X":
      return { width: 1 + bytes.readUIntLE(24, 3), height: 1 + bytes.readUIntLE(27, 3) };
    default:
      return null;
  }
};

const nameAt = (bytes: Buffer, at: number) => bytes.toString("latin1", at, at + 4);

function mustReach(bytes: Buffer, end: number): void {
  if (end > bytes.length) throw tooShort();
}

/** What reading behind the end throws too. */
const tooShort = () => new RangeError("the picture is cut off");
