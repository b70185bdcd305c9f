/** Keys and their order, as SQL Server has them: a `uniqueidentifier` is compared by its last six bytes first. */

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A mixing function: the same number always gives the same 32 random-looking bits (splitmix32's finaliser). */
export function mix(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x21f0aaad);
  bits = Math.imul(bits ^ (bits >>> 15), 0x735a2d97);
  return (bits ^ (bits >>> 15)) >>> 0;
}

function hex32(bits: number): string {
  return `${hexPairs[bits >>> 24]}${hexPairs[(bits >>> 16) & 255]}${hexPairs[(bits >>> 8) & 255]}${hexPairs[bits & 255]}`;
}

/** Gaps between keys, so that a key never tells how many there are. */
const step = 4099;

/** The key of the index-th thing: in the server's order keys rise with the index. */
export function keyOf(index: number, seed: number): string {
  const head = mix(index * 2 + seed);
  const middle = hex32(mix(index * 2 + 1 + seed));
  const tail = (index + 1) * step + (head % step);
  return `${hex32(head)}-${middle.slice(0, 4)}-4${middle.slice(5)}-8${hexPairs[head & 255]}${hexPairs[(head >>> 8) & 15]?.[1]}-${tail.toString(16).padStart(12, "0")}`;
}

/** Index of the first thing whose key comes after this text, in the server's order. */
export function indexAfter(key: string, seed: number): number {
  const tail = Number.parseInt(key.replace(/[{}]/g, "").slice(24), 16);
  if (Number.isNaN(tail)) return 0;
  const index = Math.max(0, Math.floor(tail / step) - 1);
  return compareKeys(keyOf(index, seed), key) > 0 ? index : index + 1;
}

/** The index that a key was made from, or -1; there need not be so many things. */
export function indexOf(key: string, seed: number): number {
  const index = Math.floor(Number.parseInt(key.replace(/[{}]/g, "").slice(24), 16) / step) - 1;
  return keyOf(index, seed) === key.replace(/[{}]/g, "").toLowerCase() ? index : -1;
}

/** Negative, zero or positive, as SQL Server orders two uniqueidentifiers. */
export function compareKeys(left: string, right: string): number {
  const order = (key: string) => {
    const [a = "", b = "", c = "", d = "", e = ""] = key.toLowerCase().replace(/[{}]/g, "").split("-");
    const swap = (hex: string) => hex.match(/../g)?.reverse().join("") ?? "";
    // Bytes 10–15, then 8–9, as written; the first three groups are stored little-endian and compared as stored.
    return `${e}${d}${swap(c)}${swap(b)}${swap(a)}`;
  };
  const [x, y] = [order(left), order(right)];
  return x < y ? -1 : x > y ? 1 : 0;
}
