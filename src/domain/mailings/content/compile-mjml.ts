import { Worker } from "node:worker_threads";
import { describeError } from "../../../platform/errors.ts";

/** To the thread that compiles, and back from it. */
export interface ToMjmlWorker {
  readonly id: number;
  readonly mjml: string;
}
export type FromMjmlWorker =
  | { readonly id: number; readonly html: string; readonly mistakes: readonly MjmlMistake[] }
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
  readonly resolve: (compiled: CompiledMjml) => void;
  readonly timer: NodeJS.Timeout;
}

let worker: Worker | undefined;
let rest: NodeJS.Timeout | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/** Turns MJML into HTML that mail programs show alike. Never throws: what is wrong with it is part of the answer. */
export function compileMjml(mjml: string): Promise<CompiledMjml> {
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
    current.postMessage({ id, mjml } satisfies ToMjmlWorker);
  });
}

function start(): Worker {
  const started = new Worker(new URL("./mjml-worker.ts", import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  started.unref();
  started.on("message", (message: FromMjmlWorker) => answer(message.id, message));
  started.on("error", (error) => stop(started, describeError(error)));
  return started;
}

function answer(id: number, compiled: CompiledMjml): void {
  const asked = waiting.get(id);
  waiting.delete(id);
  clearTimeout(asked?.timer);
  asked?.resolve(
    "failure" in compiled ? { failure: compiled.failure } : { html: compiled.html, mistakes: compiled.mistakes },
  );
  if (waiting.size > 0 || !worker) return;
  const idle = worker;
  rest = setTimeout(() => stop(idle, "it was ended"), idleMs).unref();
}

/** Ends the thread; whoever waits for it is told why. */
function stop(stopped: Worker, reason: string): void {
  if (worker === stopped) worker = undefined;
  void stopped.terminate();
  for (const id of [...waiting.keys()]) answer(id, { failure: reason });
}
