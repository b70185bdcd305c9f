import { SaxesParser, type SaxesTagNS } from "saxes";
import { onDemandNamespace, signOnNamespace } from "./wsdl.ts";

/** What one answer said; reading it is also the proof that it is well-formed. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly token: string | undefined;
  readonly fault: string | undefined;
  readonly envelopeNamespace: string;
  readonly responseNamespace: string;
  /** `OpResult`: missing, empty, or with something in it. */
  readonly result: "missing" | "empty" | "filled";
  readonly resultText: string;
  readonly recordReturn: number | undefined;
  /** Each row as its elements in order, repeated ones included. */
  readonly rows: readonly (readonly (readonly [name: string, value: string])[])[];
  readonly depth: number;
}

interface Page {
  readonly key: string;
  readonly columns: string;
  readonly after?: string | undefined;
  readonly top?: number;
}

/** The plainest client there is, for the simulator's own tests: no retry, no bounds, a whole answer in memory. */
export class XwebClient {
  readonly #url: string;
  token = "";

  constructor(url: string) {
    this.#url = url;
  }

  async signOn(userName = "lockstep", password = "demo"): Promise<Reply> {
    const reply = await this.#send("Signon.asmx", signOnNamespace, "Authenticate", { userName, password }, "");
    if (reply.fault === undefined) this.token = reply.resultText;
    return reply;
  }

  /** One OnDemand call; takes over the next token when there is one. */
  async call(operation: string, parameters: Record<string, string> = {}): Promise<Reply> {
    const reply = await this.#send("netFORUMXMLOnDemand.asmx", onDemandNamespace, operation, parameters, this.token);
    this.token = reply.token ?? this.token;
    return reply;
  }

  jobs(): Promise<Reply> {
    return this.call("GetQuery", {
      szObjectName: "MessagingJob @TOP -1",
      szColumnList: "mjb_key,mjb_name,mjb_add_date",
      szWhereClause: "",
      szOrderBy: "mjb_key",
    });
  }

  recipients({ key, columns, after, top = -1 }: Page): Promise<Reply> {
    const cursor = after === undefined ? "" : ` AND cst_key > '${after}'`;
    return this.call("GetQuery", {
      szObjectName: `MessagingJobRecipient @TOP ${top}`,
      szColumnList: columns,
      szWhereClause: `mjb_key = '${key}'${cursor}`,
      szOrderBy: "cst_key",
    });
  }

  /** Every row of a job, page by page until one comes back empty; the first column must be the key. */
  async readAll(key: string, columns: string): Promise<string[][]> {
    const rows: string[][] = [];
    for (;;) {
      const page = await this.recipients({ key, columns, after: rows.at(-1)?.[0] });
      if (page.fault !== undefined) throw new Error(page.fault);
      if (page.recordReturn !== page.rows.length) throw new Error(`${page.recordReturn} is not ${page.rows.length}`);
      if (page.rows.length === 0) return rows;
      for (const row of page.rows) rows.push(row.map(([, value]) => value));
    }
  }

  /** The HTTP answer of an OnDemand call, unread. */
  fetch(operation: string, parameters: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
    return this.#fetch("netFORUMXMLOnDemand.asmx", onDemandNamespace, operation, parameters, this.token, signal);
  }

  async #send(...call: [string, string, string, Record<string, string>, string]): Promise<Reply> {
    const response = await this.#fetch(...call);
    const type = response.headers.get("content-type") ?? "";
    return parseReply(response.status, type, await response.text());
  }

  #fetch(
    service: string,
    namespace: string,
    operation: string,
    parameters: Record<string, string>,
    token: string,
    signal?: AbortSignal,
  ): Promise<Response> {
    const cells = Object.entries(parameters).map(([name, value]) => `<${name}>${value}</${name}>`);
    const body = `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header><AuthorizationToken xmlns="${namespace}"><Token>${token}</Token></AuthorizationToken></soap:Header><soap:Body><${operation} xmlns="${namespace}">${cells.join("")}</${operation}></soap:Body></soap:Envelope>`;
    return fetch(`${this.#url}/xweb/${service}`, {
      method: "POST",
      headers: { "content-type": "text/xml; charset=utf-8", soapaction: `"${namespace}${operation}"` },
      body,
      redirect: "manual",
      ...(signal ? { signal } : {}),
    });
  }
}

/** @throws Error when the text is not a well-formed document with namespaces in order */
export function parseReply(status: number, type: string, text: string): Reply {
  const seen = { token: undefined as string | undefined, fault: undefined as string | undefined };
  const found = { envelopeNamespace: "", responseNamespace: "", recordReturn: undefined as number | undefined };
  const rows: [string, string][][] = [];
  const path: SaxesTagNS[] = [];
  let [result, resultText, value, depth]: [Reply["result"], string, string, number] = ["missing", "", "", 0];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("opentag", (tag) => {
    path.push(tag);
    depth = Math.max(depth, path.length);
    value = "";
    if (path.length === 1) found.envelopeNamespace = tag.uri;
    if (path.length === 3 && path[1]?.local === "Body") found.responseNamespace = tag.uri;
    if (path.length === 4 && tag.local.endsWith("Result")) result = "empty";
    else if (path.length > 4 && result === "empty") result = "filled";
    if (tag.local === "Results" && tag.attributes.recordReturn)
      found.recordReturn = Number(tag.attributes.recordReturn.value);
    if (path.length === 6 && tag.local === "Result") rows.push([]);
  });
  parser.on("text", (part) => {
    value += part;
  });
  parser.on("closetag", (tag) => {
    if (tag.local === "Token") seen.token = value;
    if (tag.local === "faultstring") seen.fault = value;
    if (path.length === 4 && tag.local.endsWith("Result")) {
      resultText = value;
      if (value !== "") result = "filled";
    }
    if (path.length === 7 && path[5]?.local === "Result") rows.at(-1)?.push([tag.local, value]);
    path.pop();
    value = "";
  });
  parser.write(text).close();
  return { status, type, text, ...seen, ...found, result, resultText, rows, depth };
}
