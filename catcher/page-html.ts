import type { Email } from "postal-mime";
import type { Found } from "./find-mails.ts";
import { readWords } from "./find-mails.ts";
import { type Html, html } from "./html.ts";
import type { Caught } from "./mail-file.ts";

export const views = ["mail", "text", "headers", "source"] as const;
export type View = (typeof views)[number];

const viewNames: Readonly<Record<View, string>> = {
  mail: "Mail",
  text: "Text part",
  headers: "Headers",
  source: "Source",
};

function page(title: string, body: Html): Html {
  return html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Caught mail</title><link rel="stylesheet" href="/style.css"></head><body>
<header><a class="home" href="/">Caught mail</a><span class="hint">Nothing here was delivered to anybody.</span></header>
<main>${body}</main></body></html>`;
}

export function listPage(found: Found): Html {
  const { search, total, matches, mails, skipped, pageSize } = found;
  const at = (skip: number) =>
    `/?${new URLSearchParams({ ...(search && { q: search }), ...(skip > 0 && { skip: String(skip) }) })}`;
  const shown = matches === 0 ? "" : `${count(skipped + 1)}–${count(skipped + mails.length)} of ${count(matches)}`;
  return page(
    "List",
    html`<div class="bar"><h1>${count(total)} ${total === 1 ? "mail" : "mails"}</h1>
<form action="/" role="search"><label class="hidden" for="q">Search addresses and subjects</label>
<input id="q" name="q" type="search" value="${search}" placeholder="Address or subject"><button>Search</button></form></div>
${mails.length === 0 ? nothing(search) : table(mails)}
<nav class="pager" aria-label="Pages"><span>${shown}</span>
${skipped > 0 ? html`<a rel="prev" href="${at(Math.max(0, skipped - pageSize))}">Newer</a>` : null}
${skipped + mails.length < matches ? html`<a rel="next" href="${at(skipped + pageSize)}">Older</a>` : null}
<a href="${at(0)}">Look again</a></nav>`,
  );
}

function nothing(search: string): Html {
  return search === ""
    ? html`<p class="empty">No mail yet. What Lockstep sends appears here as soon as it is taken.</p>`
    : html`<p class="empty">No mail matches <em>${search}</em>. <a href="/">Clear</a></p>`;
}

function table(mails: readonly Caught[]): Html {
  return html`<div class="frame"><table><caption class="hidden">Caught mails, the newest first</caption>
<thead><tr><th scope="col">To</th><th scope="col">Subject</th><th scope="col" class="wide">From</th><th scope="col" class="wide end">Size</th><th scope="col">Caught (UTC)</th></tr></thead>
<tbody>${mails.map(
    (mail) => html`<tr><td>${mail.to.join(", ")}</td>
<td><a href="/mails/${mail.id}">${readWords(mail.subject) || "(no subject)"}</a></td>
<td class="wide">${mail.from}</td><td class="wide end">${size(mail.bytes)}</td><td><time datetime="${mail.at}">${readTime(mail.at)}</time></td></tr>`,
  )}</tbody></table></div>`;
}

export interface Shown {
  readonly caught: Caught;
  readonly mail: Email;
  readonly view: View;
  readonly source: string;
  /** The id of the newest mail. */
  readonly newest: number;
}

export function mailPage(shown: Shown): Html {
  const { caught, mail, view, newest } = shown;
  const subject = mail.subject || "(no subject)";
  const tab = (one: View) =>
    html`<a href="/mails/${caught.id}?view=${one}"${one === view ? current : null}>${viewNames[one]}</a>`;
  return page(
    subject,
    html`<div class="bar"><h1>${subject}</h1><nav class="pager" aria-label="Mails">
${caught.id < newest ? html`<a rel="prev" href="/mails/${caught.id + 1}?view=${view}">Newer</a>` : null}
${caught.id > 1 ? html`<a rel="next" href="/mails/${caught.id - 1}?view=${view}">Older</a>` : null}</nav></div>
<dl><dt>From</dt><dd>${mail.from?.name ? `${mail.from.name} ` : ""}&lt;${mail.from?.address ?? ""}&gt;</dd>
<dt>To</dt><dd>${caught.to.join(", ")}</dd><dt>Bounces go to</dt><dd>${caught.from || "nobody"}</dd>
<dt>Caught</dt><dd><time datetime="${caught.at}">${readTime(caught.at)} UTC</time>, ${size(caught.bytes)}</dd></dl>
<nav class="tabs" aria-label="Views of this mail">${views.map(tab)}</nav>
${content(shown)}`,
  );
}

const current = html` aria-current="page"`;

function content({ caught, mail, view, source }: Shown): Html {
  switch (view) {
    case "mail":
      return mail.html
        ? html`<iframe class="mail" title="The mail as it looks" src="/mails/${caught.id}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe>`
        : html`<p class="empty">This mail has no HTML part.</p>`;
    case "text":
      return mail.text
        ? html`<pre tabindex="0" aria-label="Text part">${mail.text}</pre>`
        : html`<p class="empty">This mail has no text part.</p>`;
    case "headers":
      return html`<div class="frame"><table class="headers"><caption class="hidden">Headers in their order</caption>
<thead><tr><th scope="col">Field</th><th scope="col">Value</th></tr></thead>
<tbody>${mail.headers.map(({ originalKey, value }) => html`<tr><th scope="row">${originalKey}</th><td>${value}</td></tr>`)}</tbody></table></div>`;
    case "source":
      return html`<p><a href="/mails/${caught.id}/source">Source alone</a></p><pre class="source" tabindex="0" aria-label="Source">${source}</pre>`;
  }
}

export function missingPage(): Html {
  return page("Not here", html`<h1>There is no such mail</h1><p><a href="/">To the list</a></p>`);
}

function count(number: number): string {
  return number.toLocaleString("en");
}

function size(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
}

function readTime(at: string): string {
  return at.slice(0, 19).replace("T", " ");
}
