import { parentPort } from "node:worker_threads";
import mjml2html from "mjml";
import type { FromMjmlWorker, ToMjmlWorker } from "./compile-mjml.ts";

/** Compiles beside the main thread: a mailing of a megabyte takes seconds. */
if (!parentPort) throw new Error("mjml-worker.ts runs as a worker thread");
const port = parentPort;
const send = (message: FromMjmlWorker) => port.postMessage(message);

port.on("message", async ({ id, mjml }: ToMjmlWorker) => {
  try {
    const { html, errors } = await mjml2html(mjml, {
      validationLevel: "soft",
      keepComments: false,
      ignoreIncludes: true,
      fonts: {},
    });
    send({ id, html, mistakes: errors.map(({ line, message, tagName }) => ({ line, message, tag: tagName })) });
  } catch (error) {
    send({ id, failure: error instanceof Error ? error.message : String(error) });
  }
});
