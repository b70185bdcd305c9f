import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

const onDemand = "http://www.avectra.com/OnDemand/2005/";
export const token = "c86920d2-75d5-46f2-b347-5989fc3d17eb";

/** Answers one call of an OnDemand operation, as it likes. `call` counts from 1. */
export type Answering = (response: ServerResponse, call: { readonly number: number; readonly body: string }) => void;

export interface StandIn {
  readonly url: string;
  /** Paths that were called, in order. */
  readonly paths: string[];
}

/** A site that lets everybody in and answers as the test wants: for what the simulator has no fault of. */
export async function startStandIn(answering: Answering): Promise<StandIn> {
  const paths: string[] = [];
  let number = 0;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    paths.push(request.url ?? "");
    if (/signon\.asmx$/i.test(request.url ?? "")) sendXml(response, signedOn);
    else {
      number += 1;
      answering(response, { number, body });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

export function sendXml(response: ServerResponse, text: string | Uint8Array, status = 200): void {
  response.writeHead(status, { "content-type": "text/xml; charset=utf-8" }).end(text);
}

const envelope = (body: string, header = "") =>
  `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">${header}<soap:Body>${body}</soap:Body></soap:Envelope>`;

const signedOn = envelope(
  `<AuthenticateResponse xmlns="http://tempuri.org/"><AuthenticateResult>${token}</AuthenticateResult></AuthenticateResponse>`,
);

/** A good answer to `GetQuery` with these rows. */
export function rowsAnswer(rows: readonly Readonly<Record<string, string>>[]): string {
  const cells = rows.map(
    (row) =>
      `<Result>${Object.entries(row)
        .map(([name, value]) => `<${name}>${value}</${name}>`)
        .join("")}</Result>`,
  );
  return envelope(
    `<GetQueryResponse xmlns="${onDemand}"><GetQueryResult><Results recordReturn="${rows.length}">${cells.join("")}</Results></GetQueryResult></GetQueryResponse>`,
  );
}
