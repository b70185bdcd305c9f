import PostalMime, { type Attachment, type Email } from "postal-mime";
import { describeError } from "../../../platform/errors.ts";
import { type ReportGroup, readDeliveryStatus } from "./delivery-status.rules.ts";
import { judgeReply, type Verdict } from "./judge-report.rules.ts";

/** What a mail to the bounce address is. */
export type Returned =
  /** A report with groups as RFC 3464 has them. */
  | { readonly kind: "report"; readonly groups: readonly ReportGroup[] }
  /** A failure told in words alone. */
  | { readonly kind: "words"; readonly verdict: Verdict }
  /** The person called the mail spam, or asked their provider to be let off. (RFC 5965) */
  | { readonly kind: "complaint"; readonly provider: string }
  /** An answer, a vacation notice, a read receipt, spam: nothing to act on. */
  | { readonly kind: "nothing" };

/**
 * A report stands before the mail that it returns: what comes behind so much of it is not looked at. The parser takes a
 * second for 100,000 short lines, and this process has others to serve.
 */
const mostOfMail = 256 * 1024;
/** Bounds on what a mail may make us do; a hostile one is nothing. */
const mostOfReport = 200_000;
const mostOfWords = 20_000;
const bounds = { maxNestingDepth: 30, maxHeadersSize: 512 * 1024 } as const;

/**
 * Reads a mail that came to the bounce address. Never throws for what the mail is.
 * @param raw its bytes; lines may end in any way (reliability 0, finding 11)
 */
export async function readReturned(raw: Buffer): Promise<Returned> {
  const text = raw.toString("latin1", 0, mostOfMail).replace(/\r\n?|\n/g, "\r\n");
  const mail = await parse(text);
  if (mail === null) return { kind: "nothing" };
  const feedback = partOf(mail, /^message\/feedback-report$/);
  if (feedback !== null) return readFeedback(feedback);
  const report = partOf(mail, /^message\/(global-)?delivery-status$/) ?? strayReport(text, mail);
  const groups = report === null ? [] : readDeliveryStatus(report.slice(0, mostOfReport));
  if (groups.length > 0) {
    const words = humanPart(mail.text ?? "");
    return { kind: "report", groups: groups.map((group) => withWords(group, words)) };
  }
  return readWords(mail);
}

async function parse(text: string): Promise<Email | null> {
  try {
    const bytes = Buffer.from(text.replace(/^From .*\r\n/, ""), "latin1");
    return await PostalMime.parse(bytes, { ...bounds, forceRfc822Attachments: true });
  } catch (error) {
    if (describeError(error) === "") throw error;
    return null;
  }
}

function partOf(mail: Email, type: RegExp): string | null {
  const part = mail.attachments.find(({ mimeType }) => type.test(mimeType));
  return part === undefined ? null : contentOf(part);
}

function contentOf({ content }: Attachment): string {
  if (typeof content === "string") return content;
  return Buffer.from(content instanceof Uint8Array ? content : new Uint8Array(content)).toString("utf8");
}

/** A report whose boundary was lost on the way, or that stands among the words: its fields are somewhere in the text. */
function strayReport(text: string, mail: Email): string | null {
  const at = text.search(/^content-type:\s*message\/(?:global-)?delivery-status/im);
  if (at >= 0) return text.slice(at, at + 20_000);
  const inWords = mail.text?.search(/^reporting-mta:/im) ?? -1;
  return inWords < 0 ? null : (mail.text?.slice(inWords, inWords + 20_000) ?? null);
}

/** Where the report has no diagnostic, the words before it may: many write the server's answer for people only. */
function withWords(group: ReportGroup, words: string): ReportGroup {
  return group.diagnostic === "" ? { ...group, diagnostic: words } : group;
}

/** What marks the mail that comes back below the words. */
const returnedMail =
  /^[-=_ >*]*(?:-+ ?(?:original|returned|undelivered|this is a copy|below this line|the header)|original message|this is a copy of|below this line is|bounced e-?mail|returned message|message header|received: from|return-path:|the (?:header|text|body) of the (?:original|message)|your (?:original )?message (?:follows|reads|header)|your message was:|-- ?attachment|unsent message|copy of (?:the |your )?(?:original )?message|dsn attached|----- (?:original|unsent|message)|reporting-mta:)/im;

function humanPart(text: string): string {
  const start = text.slice(0, mostOfWords);
  const at = start.search(returnedMail);
  return (at < 0 ? start : start.slice(0, at)).trim();
}

function readFeedback(text: string): Returned {
  const fieldOf = (name: string) => new RegExp(`^${name}:[ \\t]*([^\\r\\n]*)`, "im").exec(text)?.[1]?.trim() ?? "";
  const type = fieldOf("feedback-type").toLowerCase();
  if (!/^(abuse|fraud|opt-out|opt-out-list|complaint|other)\b/.test(type)) return { kind: "nothing" };
  return { kind: "complaint", provider: fieldOf("user-agent").slice(0, 100) };
}

/** Subjects under which programs without reports tell of failures. */
const failureSubject =
  /undeliver|deliver(?:y|able)? (?:status|failure|problem|report|error|notification|has failed|failed|to|incomplete|unsuccessful)|fail(?:ure|ed) (?:notice|notification|to deliver|mail|delivery)|returned (?:mail|e-?mail|message)|mail (?:delivery|system|error|could not|failure)|message (?:could not|not|was not|undeliver|delivery|you sent)|(?:could not|cannot|can't|unable to) (?:be )?(?:send|sent|deliver)|not delivered|nondeliverable|non-?delivery|warning: message|unzustellbar|user unknown|mailbox|rejected|returning|failure/i;
const postmaster =
  /mailer-?daemon|postmaster|mail ?delivery|mail administrator|mdaemon|-daemon@|daemon@|autoreply|no-?reply|mta/i;
/** What people's own programs say, and what is no report of a failure. */
const answer =
  /^(?:re|aw|sv|fwd?):|auto(?:matic)?[- ]?(?:reply|response|answer)|out of (?:the )?office|vacation|abwesen|absence|read:|gelesen|lu :/i;

/** A failure told without a report: qmail, old Exchange, Notes, mobile providers and others. */
function readWords(mail: Email): Returned {
  const headers = new Map(mail.headers.map(({ key, value }) => [key, value]));
  const subject = mail.subject ?? "";
  const nothing: Returned = { kind: "nothing" };
  if (/^complaint about message from/i.test(subject) && /<staff@hotmail\.com>/i.test(headers.get("from") ?? ""))
    return { kind: "complaint", provider: "Outlook.com" };
  if (
    answer.test(subject) ||
    /delay|retr(?:y|ied)|verz(?:ö|oe)ger/i.test(subject) ||
    /disposition-notification/i.test(headers.get("content-type") ?? "")
  )
    return nothing;
  if (headers.has("list-id") || /^(bulk|list)$/i.test(headers.get("precedence") ?? "")) {
    if (!postmaster.test(headers.get("from") ?? "")) return nothing;
  }
  const isProgram = postmaster.test(headers.get("from") ?? "") || headers.get("return-path")?.trim() === "<>";
  if (!isProgram || !failureSubject.test(subject)) return nothing;
  const said = humanPart(mail.text ?? stripTags(mail.html ?? ""));
  const verdict = judgeReply("", said);
  // Words that say nothing known are evidence of a failure only from who does nothing but tell of failures.
  return verdict.by === "nothing" && !/mailer-?daemon/i.test(headers.get("from") ?? "")
    ? nothing
    : { kind: "words", verdict };
}

const stripTags = (html: string) => html.slice(0, 100_000).replace(/<[^>]*>/g, " ");
