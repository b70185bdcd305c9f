import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { SaxesParser } from "saxes";
import type { FieldName, Individual } from "../src/connectors/connector.ts";
import { defaultBounds } from "../src/connectors/netforum-pro/bounds.ts";
import { toPage } from "../src/connectors/netforum-pro/individuals.ts";
import { zeroGuid } from "../src/connectors/netforum-pro/mapping.ts";
import { RowParser } from "../src/connectors/netforum-pro/row-parser.ts";
import { checkRow, copyLine, fieldPrefixes, stageRow } from "../src/domain/syncs/row.rules.ts";

export const fields =
  "ind_first_name,ind_last_name,ind_prf_code,ind_title,org_name,adr_city,adr_state,adr_post_code,adr_country,mbt_code,chp_name,cst_id".split(
    ",",
  ) as FieldName[];
const columns = ["cst_key", "cst_eml_address_dn", "cst_no_email_flag", ...fields];

/** Writes the simulator's answer for a whole job into a file, as it comes over the wire. */
export async function recordAnswer(url: string, job: string, file: string): Promise<void> {
  const call = (path: string, action: string, body: string) =>
    fetch(`${url}${path}`, {
      method: "POST",
      headers: { soapaction: `"${action}"`, "content-type": "text/xml" },
      body,
    });
  const signOn = await (
    await call(
      "/xWeb/Signon.asmx",
      "http://tempuri.org/Authenticate",
      "<a><userName>lockstep</userName><password>demo</password></a>",
    )
  ).text();
  const token = /AuthenticateResult>([^<]+)/.exec(signOn)?.[1];
  const body = `<a><Token>${token}</Token><szObjectName>MessagingJobRecipient @TOP -1</szObjectName><szColumnList>${columns.join(",")}</szColumnList><szWhereClause>mjb_key = '${job}' AND cst_key &gt; '${zeroGuid}'</szWhereClause></a>`;
  const reply = await call("/xweb/netFORUMXMLOnDemand.asmx", "http://www.avectra.com/OnDemand/2005/GetQuery", body);
  const out = createWriteStream(file);
  for await (const chunk of reply.body as AsyncIterable<Uint8Array>) if (!out.write(chunk)) await once(out, "drain");
  out.end();
  await once(out, "finish");
}

/** The limit: the same bytes through the same library, with nothing behind it. @returns seconds */
export async function bareParse(file: string): Promise<number> {
  const began = performance.now();
  const parser = new SaxesParser({ xmlns: false, position: false });
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let texts = 0;
  parser.on("text", () => {
    texts += 1;
  });
  parser.on("opentag", () => {});
  parser.on("closetag", () => {});
  for await (const chunk of createReadStream(file)) parser.write(decoder.decode(chunk, { stream: true }));
  parser.close();
  if (texts === 0) throw new Error("nothing was parsed");
  return (performance.now() - began) / 1000;
}

/** The product's own way of reading: parsed in its thread, each row checked. @param onRow what is then done with it */
async function read(
  file: string,
  onRow: (individual: Individual, previousKey: string) => void,
  onBatch: () => unknown,
) {
  const began = performance.now();
  const expected = { namespace: "http://www.avectra.com/OnDemand/2005/", operation: "GetQuery", columns };
  let previous = "";
  const parser = new RowParser();
  for await (const batch of parser.read(createReadStream(file), expected, defaultBounds)) {
    for (const individual of toPage(batch, zeroGuid).individuals) {
      onRow(individual, previous);
      previous = individual.remoteId;
    }
    await onBatch();
  }
  await parser[Symbol.asyncDispose]();
  return (performance.now() - began) / 1000;
}

/** Parses and checks every row, and throws it away. @returns seconds */
export async function parseAndCheck(file: string): Promise<number> {
  let usable = 0;
  const seconds = await read(
    file,
    (individual, previous) => {
      if (checkRow(individual, previous).reason === null) usable += 1;
    },
    () => {},
  );
  if (usable === 0) throw new Error("no row was usable");
  return seconds;
}

/** Writes the answer's rows as lines for COPY. */
export async function prepareLines(file: string, onLines: (text: string) => unknown): Promise<void> {
  const prefixes = fieldPrefixes(fields);
  let rows = 0;
  let text = "";
  await read(
    file,
    (individual, previous) => {
      text += copyLine(rows, stageRow(individual, prefixes, previous));
      rows += 1;
    },
    async () => {
      const lines = text;
      text = "";
      await onLines(lines);
    },
  );
}
