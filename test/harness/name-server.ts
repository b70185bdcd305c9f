import dns2 from "dns2";
import { onTestFinished } from "vitest";

type RecordType = "TXT" | "MX" | "A";

export interface NameServer {
  /** `address:port`, as settings name it. */
  readonly address: string;
  /** Lets a name have these records: texts of TXT, `10 host` of MX, addresses of A. None takes the name away. */
  set(name: string, type: RecordType, ...values: string[]): void;
  /** How it behaves from now on: answers, is silent, or fails. */
  behave(how: "answers" | "hangs" | "fails"): void;
  /** Never says anything about this name. */
  silence(name: string): void;
}

/** A real name server on this machine, by UDP and TCP, for the running test. */
export async function startNameServer(): Promise<NameServer> {
  const records = new Map<string, readonly string[]>();
  const silent = new Set<string>();
  let behaviour = "answers";
  const handle: dns2.DnsHandler = (request, send) => {
    if (behaviour === "hangs" || silent.has(request.questions[0]?.name.toLowerCase() ?? "")) return;
    const response = dns2.Packet.createResponseFromRequest(request);
    const [question] = request.questions;
    if (behaviour === "fails") response.header.rcode = dns2.Packet.RCODE.SERVFAIL;
    else if (question) answer(response, question.name.toLowerCase(), question.type ?? 0);
    send(response);
  };
  const answer = (response: dns2.Packet, name: string, type: number) => {
    for (const kind of ["TXT", "MX", "A"] as const) {
      if (type !== dns2.Packet.TYPE[kind]) continue;
      for (const value of records.get(`${kind} ${name}`) ?? []) response.answers.push(toResource(name, kind, value));
    }
    const isKnown = [...records.keys()].some((key) => key.endsWith(` ${name}`));
    if (!isKnown) response.header.rcode = dns2.Packet.RCODE.NXDOMAIN;
  };
  const port = await listen(handle);
  return {
    address: `127.0.0.1:${port}`,
    set: (name, type, ...values) => {
      if (values.length > 0) records.set(`${type} ${name}`, values);
      else records.delete(`${type} ${name}`);
    },
    behave: (how) => {
      behaviour = how;
    },
    silence: (name) => {
      silent.add(name);
    },
  };
}

/** One port by both ways: where the one is free the other may be taken. @returns it; closed at the test's end */
async function listen(handle: dns2.DnsHandler): Promise<number> {
  for (;;) {
    const udp = dns2.createUDPServer(handle);
    await udp.listen(0, "127.0.0.1");
    const { port } = udp.address();
    const tcp = dns2.createTCPServer(handle);
    const isTaken = await new Promise<boolean>((resolve) => {
      tcp.once("error", () => resolve(true));
      tcp.listen(port, "127.0.0.1", () => resolve(false));
    });
    if (isTaken) {
      udp.close();
      continue;
    }
    onTestFinished(async () => {
      udp.close();
      tcp.close();
    });
    return port;
  }
}

function toResource(name: string, kind: RecordType, value: string): dns2.Packet.Resource {
  const common = { name, type: dns2.Packet.TYPE[kind], class: dns2.Packet.CLASS.IN, ttl: 1 };
  if (kind === "TXT") return { ...common, data: value.match(/.{1,255}/gs) ?? [""] } as dns2.Packet.Resource;
  if (kind === "A") return { ...common, address: value } as dns2.Packet.Resource;
  const [priority = "", exchange = ""] = value.split(" ");
  return { ...common, priority: Number(priority), exchange } as dns2.Packet.Resource;
}
