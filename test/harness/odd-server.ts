import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What an odd server does at a step: says this (as it stands, without a line end of its own), or does that. */
export type Act = string | ((socket: Socket) => void);

export interface OddSteps {
  readonly greeting?: Act;
  readonly ehlo?: Act;
  readonly auth?: Act;
  readonly mail?: Act;
  readonly rcpt?: Act;
  readonly data?: Act;
  /** When the first bytes of the message are there. */
  readonly begun?: Act;
  /** When the whole message is there, by the one ending that ends it. */
  readonly message?: Act;
  readonly rset?: Act;
}

export interface OddServer {
  readonly url: string;
  /** Whole messages, with their dots as they came. */
  readonly messages: string[];
  readonly connections: number;
}

export const silent = () => {};
export const reset = (socket: Socket) => void socket.resetAndDestroy();
export const close = (socket: Socket) => void socket.end();

/** An SMTP server that behaves as a test wants, byte by byte; well where it says nothing. */
export async function startOddServer(steps: OddSteps = {}, user = ""): Promise<OddServer> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket.on("error", () => {}));
    let input = "";
    let isData = false;
    let hasBegun = false;
    const act = (given: Act | undefined, well: string) => {
      if (typeof given === "function") given(socket);
      else socket.write(given ?? well);
    };
    act(steps.greeting, "220 odd\r\n");
    socket.on("data", (chunk: Buffer) => {
      input += chunk.toString("latin1");
      for (;;) {
        if (isData) {
          if (!hasBegun && input !== "" && steps.begun) act(steps.begun, "");
          hasBegun ||= input !== "";
          const end = input.startsWith(".\r\n") ? 0 : input.indexOf("\r\n.\r\n") + 2;
          if (end === 1) return;
          messages.push(input.slice(0, end));
          input = input.slice(end + 3);
          isData = false;
          act(steps.message, "250 2.0.0 taken\r\n");
          continue;
        }
        const end = input.indexOf("\r\n");
        if (end < 0) return;
        const line = input.slice(0, end).toUpperCase();
        input = input.slice(end + 2);
        if (line.startsWith("EHLO"))
          act(steps.ehlo, `250-odd\r\n${user ? "250-AUTH PLAIN\r\n" : ""}250 PIPELINING\r\n`);
        else if (line.startsWith("AUTH")) act(steps.auth, "235 2.7.0 welcome\r\n");
        else if (line.startsWith("MAIL")) act(steps.mail, "250 2.1.0 ok\r\n");
        else if (line.startsWith("RCPT")) act(steps.rcpt, "250 2.1.5 ok\r\n");
        else if (line.startsWith("RSET")) act(steps.rset, "250 2.0.0 ok\r\n");
        else if (line.startsWith("QUIT")) socket.end("221 bye\r\n");
        else if (line.startsWith("DATA")) {
          const isRefused = [steps.mail, steps.rcpt].some(
            (given) => typeof given === "string" && !given.startsWith("2"),
          );
          isData = !isRefused && (steps.data === undefined || String(steps.data).startsWith("3"));
          hasBegun = false;
          act(steps.data, isRefused ? "503 5.5.1 no valid recipients\r\n" : "354 go on\r\n");
        }
      }
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `smtp://${user}${user && "@"}127.0.0.1:${port}`,
    messages,
    get connections() {
      return connections;
    },
  };
}
