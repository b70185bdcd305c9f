import { Worker } from "node:worker_threads";
import { describeError } from "../../../platform/errors.ts";

/** To the thread that compiles, and back from it. */
export type ToMjmlWorker =
  | { readonly id: number; readonly mjml: string }
  | { readonly id: number; readonly htmlForText: string };
export type FromMjmlWorker =
  | { readonly id: number; readonly html: string; readonly mistakes: readonly MjmlMistake[] }
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly failure: string };

/** Something that MJML itself doesn't allow. */
export interface MjmlMistake {
  readonly line: number;
  readonly tag: string;
  readonly message: string;
}

export type CompiledMjml =
  | { readonly html: string; readonly mistakes: readonly MjmlMistake[] }
  /** It can't be read at all: why, in MJML's words. */
  | { readonly failure: string };

/** No mailing that somebody wants to read takes as long. */
const mostMs = 15_000;
/** The thread takes tens of megabytes: one that nobody asks ends. */
const idleMs = 60_000;

interface Waiting {
  readonly resolve: (answer: FromMjmlWorker) => void;
  readonly timer: NodeJS.Timeout;
}

let worker: Worker | undefined;
let rest: NodeJS.Timeout | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/** Turns MJML into HTML that mail programs show alike. Never throws: what is wrong with it is part of the answer. */
export async function compileMjml(mjml: string): Promise<CompiledMjml> {
  const answer = await ask((id) => ({ id, mjml }));
  if ("html" in answer) return { html: answer.html, mistakes: answer.mistakes };
  return { failure: "failure" in answer ? answer.failure : "it gave no HTML" };
}

/** So much is done at once: handing it over would take as long. (measured: 1 MB of table cells takes 1.3 s) */
const littleHtml = 30_000;

/** What a reader of plain text gets of HTML; nothing of one that can't be read. */
export async function writeText(html: string): Promise<string> {
  if (html.length <= littleHtml) return (await import("./text-of-html.ts")).textOfHtml(html);
  const answer = await ask((id) => ({ id, htmlForText: html }));
  return "text" in answer ? answer.text : "";
}

function ask(toMessage: (id: number) => ToMjmlWorker): Promise<FromMjmlWorker> {
  clearTimeout(rest);
  worker ??= start();
  const current = worker;
  lastId += 1;
  const id = lastId;
  return new Promise((resolve) => {
    const timer = setTimeout(
      () => stop(current, `it takes longer than ${mostMs / 1000} s; make it smaller`),
      mostMs,
    ).unref();
    waiting.set(id, { resolve, timer });
    current.postMessage(toMessage(id));
  });
}

function start(): Worker {
  const started = new Worker(new URL("./mjml-worker.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  started.unref();
  started.on("message", answer);
  started.on("error", (error) => stop(started, describeError(error)));
  return started;
}

function answer(message: FromMjmlWorker): void {
  const asked = waiting.get(message.id);
  waiting.delete(message.id);
  clearTimeout(asked?.timer);
  asked?.resolve(message);
  if (waiting.size > 0 || !worker) return;
  const idle = worker;
  rest = setTimeout(() => stop(idle, "it was ended"), idleMs).unref();
}

/** Ends the thread; whoever waits for it is told why. */
function stop(stopped: Worker, reason: string): void {
  if (worker === stopped) worker = undefined;
  void stopped.terminate();
  for (const id of [...waiting.keys()]) answer({ id, failure: reason });
}
