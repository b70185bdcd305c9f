/** Gmail shows no more of a mail's HTML than this, and counts it as it is encoded. (reliability 1.6) */
export const gmailCutsAt = 102 * 1024;
export const nearCut = 90 * 1024;

/** Bytes of a text in quoted-printable: what it comes to in a mail. (RFC 2045, 6.7) */
export function encodedBytes(text: string): number {
  let bytes = 0;
  for (const byte of Buffer.from(text)) bytes += (byte >= 32 && byte <= 126 && byte !== 61) || byte === 10 ? 1 : 3;
  return bytes + Math.floor(bytes / 75) * 3;
}
