import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { handleAdmin } from "./admin.ts";
import { Answer } from "./answer.ts";
import { type Fault, Faults, findFault } from "./faults.ts";
import { defaultJobs, newJob } from "./messaging-jobs.ts";
import { runOperation } from "./operations.ts";
import type { People } from "./people.ts";
import { Sessions } from "./sessions.ts";
import type { State } from "./state.ts";
import { onDemandNamespace, onDemandOperations, signOnNamespace, signOnOperations, wsdl } from "./wsdl.ts";

export interface SimulatorOptions {
  readonly members?: number;
  readonly seed?: number;
  readonly port?: number;
  /** Cuts answers silently at so many rows, as sites do. */
  readonly rowCap?: number;
  /** Each call takes so much longer. */
  readonly latencyMs?: number;
  readonly userName?: string;
  readonly password?: string;
  readonly tokenLifetimeMs?: number;
  /** Instead of the demo's jobs. */
  readonly jobs?: readonly { readonly name: string; readonly size: number }[];
}

export interface Simulator {
  readonly url: string;
  readonly port: number;
  readonly state: State;
  close(): Promise<void>;
}

/** Starts netFORUM Pro's stand-in on loopback. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const people: People = {
    count: options.members ?? 100_000,
    seed: options.seed ?? 1,
    day: 0,
    changed: new Map(),
    gone: new Set(),
  };
  const state: State = {
    people,
    jobs: options.jobs?.map((job, number) => newJob(people, number, job.name, job.size)) ?? defaultJobs(people),
    faults: new Faults(),
    sessions: new Sessions(
      { userName: options.userName ?? "lockstep", password: options.password ?? "demo" },
      options.tokenLifetimeMs ?? 20 * 60_000,
    ),
    calls: new Map(),
    doNotEmail: [],
    activities: new Map(),
    rowCap: options.rowCap ?? Number.POSITIVE_INFINITY,
    latencyMs: options.latencyMs ?? 0,
    callCount: 0,
  };
  const server = createServer((request, response) => {
    serve(state, request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    state,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const path = url.pathname.toLowerCase();
  if (path.startsWith("/admin")) return handleAdmin(state, request, response, path);
  const isSignOn = path === "/xweb/signon.asmx";
  if (!isSignOn && path !== "/xweb/netforumxmlondemand.asmx") {
    response.writeHead(404, { "content-type": "text/html" }).end("<html><body>Not found</body></html>");
    return;
  }
  if (request.method === "GET" && url.search.toLowerCase() === "?wsdl") {
    const text = isSignOn
      ? wsdl(signOnNamespace, signOnOperations, `http://127.0.0.1${url.pathname}`)
      : wsdl(onDemandNamespace, onDemandOperations, `http://127.0.0.1${url.pathname}`);
    response.writeHead(200, { "content-type": "text/xml; charset=utf-8" }).end(text);
    return;
  }
  await serveCall(state, request, response, isSignOn);
}

async function serveCall(
  state: State,
  request: IncomingMessage,
  response: ServerResponse,
  isSignOn: boolean,
): Promise<void> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const operation = /([^/"]+)"?$/.exec(String(request.headers.soapaction ?? ""))?.[1] ?? "";
  const name = isSignOn ? `SignOn.${operation}` : operation;
  state.calls.set(name, (state.calls.get(name) ?? 0) + 1);
  state.callCount += 1;
  const faults = state.faults.strike(name);
  const latency = state.latencyMs + (findFault(faults, "latency")?.value ?? 0);
  if (latency > 0) await wait(latency);
  if (await breakBeforeAnswer(response, faults)) return;
  const wrong = findFault(faults, "content_type");
  const type = wrong ? (wrong.text ?? "text/html") : "text/xml; charset=utf-8";
  await runOperation(state, { operation, isSignOn, body }, new Answer(response, faults), faults, (status) =>
    response.writeHead(status, { "content-type": type }),
  );
}

/** Faults that leave no answer, or another one. @returns true when the call is dealt with */
async function breakBeforeAnswer(response: ServerResponse, faults: readonly Fault[]): Promise<boolean> {
  if (findFault(faults, "black_hole")) return true;
  const status = findFault(faults, "status");
  const page = (code: number, type: string, text: string, headers: Record<string, string> = {}) => {
    response.writeHead(code, { "content-type": type, ...headers }).end(text);
    return true;
  };
  if (status) {
    const retry: Record<string, string> =
      status.retryAfter === undefined ? {} : { "retry-after": String(status.retryAfter) };
    return page(status.value ?? 503, "text/html", "<html><body>Service unavailable</body></html>", retry);
  }
  const redirect = findFault(faults, "redirect");
  if (redirect) return page(302, "text/html", "", { location: redirect.text ?? "http://192.0.2.1/" });
  if (findFault(faults, "html"))
    return page(
      200,
      "text/html",
      "<html><head><title>Down for maintenance</title></head><body><p>Back soon.</body></html>",
    );
  if (findFault(faults, "json")) return page(200, "application/json", '{"error":"no"}');
  if (findFault(faults, "empty")) return page(200, "text/xml", "");
  return false;
}
