import type { Answer } from "./answer.ts";
import { type Fault, type FaultKind, findFault } from "./faults.ts";
import { compareKeys, indexAfter, mix } from "./guid.ts";
import { countMembers, eachMember, type MessagingJob } from "./messaging-jobs.ts";
import { columns, escapeXml, type People, textOf } from "./people.ts";

export interface Member {
  readonly people: People;
  readonly jobs: MessagingJob[];
  readonly activities: ReadonlyMap<string, readonly { readonly date: string; readonly text: string }[]>;
  readonly rowCap: number;
}

/** A query that the service refuses, with the text of its fault. */
export class QueryFault extends Error {}

export interface Query {
  readonly object: string;
  readonly columnList: readonly string[];
  readonly where: string;
}

/** `MessagingJobRecipient @TOP 100` → the object, and how many rows at most. -1 is all of them. */
function parseObject(text: string): { name: string; top: number } {
  const match = /^\s*(\w+)\s*(?:@TOP\s+(-?\d+))?\s*$/i.exec(text);
  if (!match) throw new QueryFault(`Object '${text}' not found`);
  const top = Number(match[2] ?? 100);
  return { name: (match[1] ?? "").toLowerCase(), top: top < 0 ? Number.POSITIVE_INFINITY : top };
}

/** Writes the rows of a query: `Results` with its count first, as the real service has it. */
export async function writeQuery(
  answer: Answer,
  member: Member,
  query: Query,
  userName: string,
  faults: readonly Fault[],
): Promise<void> {
  const { name, top } = parseObject(query.object);
  const limit = Math.min(top, member.rowCap);
  if (name === "messagingjob") return writeJobs(answer, member, query, limit, userName, faults);
  if (name === "messagingjobrecipient") return writeRecipients(answer, member, query, limit, userName, faults);
  if (name === "activity") return writeActivities(answer, member, query, limit, userName, faults);
  throw new QueryFault(`Object '${name}' not found`);
}

async function writeActivities(
  answer: Answer,
  { activities }: Member,
  query: Query,
  limit: number,
  userName: string,
  faults: readonly Fault[],
): Promise<void> {
  checkColumns(query.columnList, { activity_text: true });
  const [, key, date] = /^cst_key = '([^']*)' AND activity_date = '([^']*)'$/.exec(query.where) ?? [];
  if (key === undefined) throw new QueryFault(`Invalid where clause '${query.where}'`);
  const rows = (activities.get(key) ?? []).filter((activity) => activity.date === date).slice(0, limit);
  await answer.add(openResults(rows.length, userName, faults));
  for (const { text } of rows) await answer.add(`<Result><activity_text>${escapeXml(text)}</activity_text></Result>`);
  await answer.add("</Results>");
}

function checkColumns(names: readonly string[], known: object): void {
  if (names.length === 0) throw new QueryFault("Invalid column list ''");
  for (const name of names) if (!Object.hasOwn(known, name)) throw new QueryFault(`Invalid column name '${name}'`);
}

function openResults(count: number, userName: string, faults: readonly Fault[]): string {
  const wrong = findFault(faults, "record_return");
  if (!wrong) return `<Results userName="${userName}" recordReturn="${count}">`;
  return wrong.value === undefined
    ? `<Results userName="${userName}">`
    : `<Results userName="${userName}" recordReturn="${count + wrong.value}">`;
}

async function writeJobs(
  answer: Answer,
  { jobs }: Member,
  query: Query,
  limit: number,
  userName: string,
  faults: readonly Fault[],
): Promise<void> {
  const known: Record<string, (job: MessagingJob) => string> = {
    mjb_key: (job) => job.key,
    mjb_name: (job) => escapeXml(job.name),
    mjb_add_date: (job) =>
      `${(job.number % 12) + 1}/${(job.number % 28) + 1}/2026 9:${String(job.number % 60).padStart(2, "0")}:00 AM`,
  };
  checkColumns(query.columnList, known);
  const after = /mjb_key\s*>\s*'([^']*)'/i.exec(query.where)?.[1];
  const rows = jobs
    .filter((job) => after === undefined || compareKeys(job.key, after) > 0)
    .sort(
      findFault(faults, "unordered")
        ? (left, right) => mix(left.number) - mix(right.number)
        : (left, right) => compareKeys(left.key, right.key),
    )
    .slice(0, limit);
  await answer.add(openResults(rows.length, userName, faults));
  for (const job of rows) {
    const cells = query.columnList.map((column) => `<${column}>${known[column]?.(job) ?? ""}</${column}>`);
    await answer.add(`<Result>${cells.join("")}</Result>`);
  }
  await answer.add("</Results>");
}

async function writeRecipients(
  answer: Answer,
  member: Member,
  query: Query,
  limit: number,
  userName: string,
  faults: readonly Fault[],
): Promise<void> {
  const { people } = member;
  const missing = findFault(faults, "missing_column")?.text;
  const names = query.columnList.filter((name) => name !== missing);
  checkColumns(names, columns);
  const key = /mjb_key\s*=\s*'([^']*)'/i.exec(query.where)?.[1]?.toLowerCase();
  const after = /cst_key\s*>\s*'([^']*)'/i.exec(query.where)?.[1];
  const job = member.jobs.find((candidate) => candidate.key === key);
  const from = after === undefined || findFault(faults, "broken_order") ? 0 : indexAfter(after, people.seed);
  const count = job ? countMembers(people, job, from, limit) : 0;
  const isExtra = count > 0 && faults.some(({ kind }) => extraRows.has(kind));
  await answer.add(openResults(isExtra ? count + 1 : count, userName, faults));
  if (job && count > 0) {
    const order = findFault(faults, "unordered") ? unordered(people, job, from) : inKeyOrder(people, job, from);
    await writePeople(answer, people, order, count, names, faults);
  }
  await answer.add("</Results>");
}

/** Calls back for each person of an answer from a place on, with the place behind it, until the callback says stop. */
interface RowOrder {
  readonly first: number;
  each(place: number, visit: (index: number, next: number) => boolean): void;
}

function inKeyOrder(people: People, job: MessagingJob, first: number): RowOrder {
  return { first, each: (place, visit) => eachMember(people, job, place, (index) => visit(index, index + 1)) };
}

/** As a database hands rows out that nobody asked to order: the same each time, in an order of its own. */
function unordered(people: People, job: MessagingJob, from: number): RowOrder {
  const indexes: number[] = [];
  eachMember(people, job, from, (index) => indexes.push(index) > 0);
  indexes.sort((left, right) => mix(left) - mix(right));
  return {
    first: 0,
    each(place, visit) {
      for (let at = place; at < indexes.length; at += 1) if (!visit(indexes[at] as number, at + 1)) return;
    },
  };
}

/** The hot loop: a million rows are a million passes of it, so it makes no object and asks nothing twice. */
async function writePeople(
  answer: Answer,
  people: People,
  order: RowOrder,
  count: number,
  names: readonly string[],
  faults: readonly Fault[],
): Promise<void> {
  // A repeated element stands empty before the real one and with another value behind it.
  const [before, behind] = findFault(faults, "repeated_element")
    ? [`<${names[0]}></${names[0]}>`, `<${names[0]}>again</${names[0]}>`]
    : ["", ""];
  const opens = names.map((name, at) => `${at === 0 ? `<Result>${before}` : `</${names[at - 1]}>`}<${name}>`);
  const close = `</${names.at(-1)}>${behind}</Result>`;
  const makers = names.map((name) => columns[name] as (people: People, index: number) => string);
  const isChanged = people.changed.size > 0;
  let left = count;
  let place = order.first;
  while (left > 0 && !answer.isBroken) {
    let text = "";
    const leftBefore = left;
    order.each(place, (index, next) => {
      let row = "";
      for (let at = 0; at < makers.length; at += 1) {
        const value = isChanged
          ? textOf(people, index, names[at] as string)
          : (makers[at] as (people: People, index: number) => string)(people, index);
        row += (opens[at] as string) + value;
      }
      text += row + close;
      place = next;
      left -= 1;
      return left > 0 && text.length < 65536;
    });
    if (left === leftBefore) return;
    await answer.add(leftBefore === count ? withExtraRow(text, names, faults) : text);
  }
}

/** Faults that put one row more into an answer, which its count includes: so only the row itself is wrong. */
const extraRows: ReadonlySet<FaultKind> = new Set(["duplicate_row", "bad_key", "giant_text", "control_character"]);

/** Puts a content fault behind the first row: that row again, a key that is none, a text past every bound. */
function withExtraRow(text: string, names: readonly string[], faults: readonly Fault[]): string {
  const end = text.indexOf("</Result>") + "</Result>".length;
  return text.slice(0, end) + extraRow(text.slice(0, end), names, faults) + text.slice(end);
}

function extraRow(first: string, names: readonly string[], faults: readonly Fault[]): string {
  const row = (key: string, text: string) =>
    `<Result>${names.map((name) => `<${name}>${name === "cst_key" ? key : text}</${name}>`).join("")}</Result>`;
  if (findFault(faults, "duplicate_row")) return first;
  if (findFault(faults, "bad_key")) return row("' OR '1'='1", "1");
  if (findFault(faults, "giant_text")) return row("x", "x".repeat(2 * 1024 * 1024));
  if (findFault(faults, "deep")) return "<a>".repeat(100) + "</a>".repeat(100);
  if (findFault(faults, "control_character")) return row("x", "&#0;");
  return "";
}
