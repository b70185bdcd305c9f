import { describe, expect, test } from "vitest";
import { bounceMail, bounceNames, hasBounces } from "../../../../test/harness/bounces.ts";
import { judgeGroup, type Verdict } from "./judge-report.rules.ts";
import { type Returned, readReturned } from "./read-returned.ts";

const verdictsOf = (returned: Returned): readonly Verdict[] => {
  if (returned.kind === "words") return [returned.verdict];
  return returned.kind === "report" ? returned.groups.map(judgeGroup).filter((verdict) => verdict !== null) : [];
};

/** What only the words of a person who is not there, or of a host that is not there, say: looked for apart from the rules. */
const isGone =
  /5\.1\.[1236]\b|5\.1\.10|5\.2\.1\b|unknown|no such|not exist|doesn't have|no mailbox|not recogni[sz]ed|disabled|discontinued|no longer|not found|invalid/i;
/** What a hard verdict must never be about. */
const isNotGone =
  /mailbox (?:is )?full|quota|5\.7\.\d|4\.\d\.\d|\bspam\b|blocked|blacklist|dmarc|at a rate|too many|policy|preferences|greylist/i;

describe.skipIf(!hasBounces)("the corpus of recorded bounces (../shared/fixtures/bounces)", () => {
  test("4.5 real bounces: no false hard, 97 % of those with a report judged, nothing for what is no bounce", async () => {
    const figures = { mails: 0, groups: 0, judged: 0, hard: 0, falseHard: 0 };
    const unjudged: string[] = [];
    for (const name of bounceNames()) {
      const returned = await readReturned(bounceMail(name));
      figures.mails += 1;
      if (name.startsWith("not")) expect(returned.kind, name).toBe("nothing");
      if (returned.kind === "report") {
        for (const group of returned.groups) {
          const verdict = judgeGroup(group);
          figures.groups += 1;
          if (verdict?.by === "nothing") unjudged.push(`${name}: ${group.diagnostic.slice(0, 80)}`);
          else figures.judged += 1;
        }
      }
      for (const { kind, reason } of verdictsOf(returned)) {
        if (kind !== "hard") continue;
        figures.hard += 1;
        if (isGone.test(reason) && !isNotGone.test(reason)) continue;
        // The report's own code decided, its words say nothing against it.
        const codes = returned.kind === "report" ? returned.groups.map(({ status }) => status).join(" ") : "";
        if (isGone.test(codes) && !isNotGone.test(reason)) continue;
        figures.falseHard += 1;
        process.stdout.write(`false hard? ${name}: ${reason}\n`);
      }
    }
    const share = (figures.judged / figures.groups) * 100;
    process.stdout.write(
      `${JSON.stringify(figures)} ${share.toFixed(1)} % of the reports judged; not: ${unjudged.join(" · ")}\n`,
    );
    expect(figures.falseHard).toBe(0);
    expect(share).toBeGreaterThanOrEqual(97);
    expect(figures.hard).toBeGreaterThan(60);
  });

  test("4.5 line ends don't matter: LF, CR LF and CR alone give the same verdicts", async () => {
    for (const name of bounceNames()) {
      const text = bounceMail(name).toString("latin1").replace(/\r\n?/g, "\n");
      const [lf, crlf, cr] = await Promise.all(
        ["\n", "\r\n", "\r"].map((end) => readReturned(Buffer.from(text.replaceAll("\n", end), "latin1"))),
      );
      const told = (returned: Returned | undefined) =>
        JSON.stringify(returned && [returned.kind, verdictsOf(returned)]);
      expect(told(crlf), name).toBe(told(lf));
      expect(told(cr), name).toBe(told(lf));
    }
  });
});
