import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface TamperingProxy {
  readonly url: string;
  /** What the next reads of recipients get instead of the AMS's answer; undefined lets the AMS answer. */
  answer: Uint8Array | ((real: Buffer) => Uint8Array) | undefined;
}

/** Stands between Lockstep and the AMS and spoils what comes back for a group's recipients. */
export async function startTamperingProxy(upstream: string): Promise<TamperingProxy> {
  const state: { answer: TamperingProxy["answer"] } = { answer: undefined };
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { host, connection, "content-length": length, ...headers } = request.headers;
    const real = await fetch(`${upstream}${request.url}`, {
      method: request.method ?? "GET",
      headers: headers as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    const bytes = Buffer.from(await real.arrayBuffer());
    const isSpoilt = state.answer !== undefined && body.includes("MessagingJobRecipient");
    const spoil = isSpoilt ? state.answer : undefined;
    response.writeHead(real.status, { "content-type": real.headers.get("content-type") ?? "text/xml" });
    response.end(spoil === undefined ? bytes : typeof spoil === "function" ? spoil(bytes) : spoil);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
