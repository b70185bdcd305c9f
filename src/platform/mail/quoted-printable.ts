import { encode, wrap } from "nodemailer/lib/qp";

/** RFC 2045 allows 76 characters a line; one is left for the soft line break behind a piece's last line. */
const lineLength = 75;
/** A short line that stands for itself, as most values are. */
const plain = /^[ -<>-~]{0,74}[!-<>-~]$/;

/**
 * A piece of a text in quoted-printable, which begins at a line's start and ends at one: by the text's own line break,
 * or by a soft one that readers take away. So whatever stands before and behind it, no line is too long, and pieces
 * can be encoded apart: what is the same for everybody once. Every line ends CR LF.
 */
export function encodePiece(text: string): string {
  if (text === "") return "";
  if (plain.test(text)) return `${text}=\r\n`;
  const lines = wrap(encode(text.replace(/\r\n?|\n/g, "\r\n")), lineLength);
  return lines.endsWith("\r\n") ? lines : `${lines}=\r\n`;
}
