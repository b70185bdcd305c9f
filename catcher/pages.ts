import { createServer, type Server, type ServerResponse } from "node:http";
import PostalMime from "postal-mime";
import { findMails } from "./find-mails.ts";
import type { Html } from "./html.ts";
import type { MailFile } from "./mail-file.ts";
import { listPage, mailPage, missingPage, views } from "./page-html.ts";
import { style } from "./style.ts";

/** Nothing on these pages runs, and a caught mail least of all. */
const ownPolicy =
  "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/** A mail may look as it likes, and show its pictures; its links open beside it. */
const mailPolicy =
  "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline'; font-src https:; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";

/** The pages that show what was caught: a list, and each mail as it looks, as text, its headers, its source. */
export function createPages(mails: MailFile): Server {
  return createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    answer(mails, url, response).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
}

async function answer(mails: MailFile, url: URL, response: ServerResponse): Promise<void> {
  if (url.pathname === "/") return send(response, listPage(findMails(mails.mails, url.searchParams)));
  if (url.pathname === "/style.css") return sendText(response, "text/css", style, ownPolicy);
  const [, id, file] = /^\/mails\/(\d+)(?:\/(html|source))?$/.exec(url.pathname) ?? [];
  const caught = mails.mails[Number(id) - 1];
  if (!caught) return send(response, missingPage(), 404);
  const raw = mails.read(caught);
  if (file === "source") return sendText(response, "text/plain", raw.toString("utf8"), ownPolicy);
  const mail = await PostalMime.parse(raw);
  if (file === "html") return sendText(response, "text/html", inPopups(mail.html ?? ""), mailPolicy);
  const asked = url.searchParams.get("view");
  const view = views.find((one) => one === asked) ?? (mail.html ? "mail" : "text");
  send(response, mailPage({ caught, mail, view, source: raw.toString("utf8"), newest: mails.mails.length }));
}

/** Its links open beside the page: a frame without scripts can't leave itself. */
function inPopups(markup: string): string {
  const base = '<base target="_blank">';
  return /<head[^>]*>/i.test(markup) ? markup.replace(/<head[^>]*>/i, (head) => head + base) : base + markup;
}

function send(response: ServerResponse, page: Html, status = 200): void {
  sendText(response, "text/html", `<!doctype html>${page.text}`, ownPolicy, status);
}

function sendText(response: ServerResponse, type: string, text: string, policy: string, status = 200): void {
  response
    .writeHead(status, {
      "content-type": `${type}; charset=utf-8`,
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
    })
    .end(text);
}
