import { Readable } from "node:stream";
import { stringify } from "csv-stringify";
import type { FastifyReply } from "fastify";

/**
 * Sends rows as a CSV file while they are read (RFC 4180, UTF-8 with a mark that spreadsheets look for). A cell that a
 * spreadsheet would take for a formula begins with an apostrophe. (reliability 1.4, C)
 */
export function sendCsv(
  reply: FastifyReply,
  name: string,
  columns: readonly string[],
  rows: AsyncIterable<readonly string[]>,
) {
  const file = Readable.from(rows).compose(
    stringify({
      header: true,
      columns: columns.map((header, index) => ({ key: String(index), header })),
      escape_formulas: true,
      quoted: true,
      bom: true,
      record_delimiter: "windows",
    }),
  );
  return reply
    .type("text/csv; charset=utf-8; header=present")
    .header("content-disposition", attachment(`${name}.csv`))
    .send(file);
}

/** A download's name: plain for old readers, and as it is (RFC 6266, RFC 8187). */
export function attachment(name: string): string {
  const clean = name
    .replace(/[\p{Cc}\p{Cf}/\\:*?"<>|]+/gu, " ")
    .trim()
    .slice(-150);
  const plain = clean.replace(/[^\x20-\x7e]|[%"\\]/g, "_");
  const encoded = encodeURIComponent(clean.toWellFormed()).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
