import type { Addressee } from "../../domain/mailings/responses/addressee-store.ts";
import { maskAddress } from "../../domain/mailings/responses/mask-address.rules.ts";
import { type Html, html, page } from "./page.ts";

const button = (action: string, words: string, look = "") =>
  html`<form method="post"><input type="hidden" name="action" value="${action}"><button class="${look}">${words}</button></form>`;
const from = ({ accountName }: Addressee) => html`<b><bdi>${accountName}</bdi></b>`;
const address = ({ email }: Addressee) => html`<b><bdi>${maskAddress(email ?? "")}</bdi></b>`;

/** The association's own records say no: what is set here neither adds to it nor lifts it. (product 2.4) */
const ownRecords = (whom: Addressee, lead: Html) => html`${lead}
<p>You get no mailings from ${from(whom)} at ${address(whom)}: your entry in its member records says so.</p>
<p class="dim">Only the association can change its records. Write to it if you want its mailings again.</p>`;

/** What a link in a mail opens: a question with one button. Opening it changes nothing. (product 4.5) */
export function askPage(whom: Addressee): string {
  if (isErased(whom)) return erasedPage(whom);
  if (whom.unsubscribedAt !== null) return donePage(whom);
  const body = whom.doNotEmail
    ? ownRecords(whom, html`<h1>You get no mailings already</h1>`)
    : html`<h1>Unsubscribe?</h1>
<p>You get mailings from ${from(whom)} at ${address(whom)}. Press the button, and they stop at once.</p>
${button("unsubscribe", "Unsubscribe")}
<p class="dim">You only wanted to look? Close this page: nothing has changed.</p>`;
  return page("Unsubscribe", whom.accountName, body);
}

/** The answer to the button, and to a mail program's own. */
export function donePage(whom: Addressee): string {
  if (isErased(whom)) return erasedPage(whom);
  const body = html`<div class="sign" aria-hidden="true">✓</div>
<h1>You are unsubscribed</h1>
<p>${from(whom)} sends no more mailings to ${address(whom)}.</p>
${button("resubscribe", "I pressed by mistake: undo", "quiet")}
<p class="dim">You may close this page.</p>`;
  return page("You are unsubscribed", whom.accountName, body);
}

/** After the undo. */
export function undonePage(whom: Addressee): string {
  if (isErased(whom)) return erasedPage(whom);
  if (whom.doNotEmail) {
    return page("Undone", whom.accountName, ownRecords(whom, html`<h1>Undone here, but not everywhere</h1>`));
  }
  const body = html`<div class="sign" aria-hidden="true">✓</div>
<h1>Nothing has changed</h1>
<p>You get mailings from ${from(whom)} at ${address(whom)}, as before.</p>
${button("unsubscribe", "Unsubscribe after all", "quiet")}
<p class="dim">You may close this page.</p>`;
  return page("Undone", whom.accountName, body);
}

/** How things stand, and the one thing that can be changed. */
export function preferencesPage(whom: Addressee): string {
  if (isErased(whom)) return erasedPage(whom);
  const title = html`<h1>Your mailings</h1>`;
  if (whom.doNotEmail) return page("Your mailings", whom.accountName, ownRecords(whom, title));
  const body =
    whom.unsubscribedAt === null
      ? html`${title}
<p>You get mailings from ${from(whom)} at ${address(whom)}.</p>
${button("unsubscribe", "Unsubscribe from all mailings")}
<p class="dim">It works at once.</p>`
      : html`${title}
<p>You are unsubscribed: ${from(whom)} sends no mailings to ${address(whom)}.</p>
${button("resubscribe", "Get mailings again")}
<p class="dim">You want it to stay so? Close this page: nothing has changed.</p>`;
  return page("Your mailings", whom.accountName, body);
}

const isErased = ({ email, subscriberId }: Addressee) => email === null || subscriberId === null;

function erasedPage(whom: Addressee): string {
  const body = html`<h1>You get no mailings</h1>
<p>${from(whom)} keeps no entry of yours for its mailings any more: there is nothing to unsubscribe from.</p>
<p class="dim">Does a mailing still reach you? Answer it, and tell the association.</p>`;
  return page("You get no mailings", whom.accountName, body);
}

/** What the links of a test mail lead to: whoever tries them out sees that nobody was unsubscribed. (product 4.1) */
export function testPage(): string {
  const body = html`<h1>This was a test mail</h1>
<p>Its links to unsubscribe and to preferences change nothing. In the mailing itself, each person has their own.</p>
<p class="dim">You may close this page.</p>`;
  return page("This was a test mail", null, body);
}

/** Says nothing about what was wrong with it: whoever tries links out learns nothing. */
export function invalidPage(): string {
  const body = html`<h1>This link isn't valid</h1>
<p>Perhaps it was cut when the mail was forwarded or copied. Open it once more from the mail itself, or copy it whole.</p>
<p class="dim">You want to unsubscribe? Answer the mail, and say so.</p>`;
  return page("This link isn't valid", null, body);
}

export function tooManyPage(): string {
  const body = html`<h1>Too many tries</h1>
<p>Many links that aren't valid were opened from your network. Try again in a minute.</p>`;
  return page("Too many tries", null, body);
}
