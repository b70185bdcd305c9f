import { parentPort } from "node:worker_threads";
import mjml2html from "mjml";
import type { FromMjmlWorker, ToMjmlWorker } from "./compile-mjml.ts";
import { textOfHtml } from "./text-of-html.ts";

/** Compiles beside the main thread: a mailing of a megabyte takes seconds. */
if (!parentPort) throw new Error("mjml-worker.ts runs as a worker thread");
const port = parentPort;
const send = (message: FromMjmlWorker) => port.postMessage(message);

/** No mail is this long; what MJML makes of a megabyte can be twenty. */
const longestHtml = 1024 * 1024;

port.on("message", async (asked: ToMjmlWorker) => {
  const { id } = asked;
  try {
    if ("htmlForText" in asked) {
      send({ id, text: textOfHtml(asked.htmlForText) });
      return;
    }
    const { mjml } = asked;
    const { html, errors } = await mjml2html(mjml, {
      validationLevel: "soft",
      keepComments: false,
      ignoreIncludes: true,
      fonts: {},
    });
    if (html.length > longestHtml) {
      send({ id, failure: `it becomes ${Math.ceil(html.length / 1024)} kB of HTML; at most 1024` });
      return;
    }
    send({ id, html, mistakes: errors.map(({ line, message, tagName }) => ({ line, message, tag: tagName })) });
  } catch (error) {
    send({ id, failure: error instanceof Error ? error.message : String(error) });
  }
});
