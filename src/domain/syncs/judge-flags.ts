import type { Tx } from "../../platform/database/database.ts";
import type { AccountId } from "../accounts/account.ts";
import { judgeFlag } from "../subscribers/standing.rules.ts";
import { hasSetFlag, knownAt, selectKeyFacts, updateLeavesFlag, updateUndone } from "../subscribers/standing-store.ts";
import type { Applied } from "./apply-store.ts";
import { selectDoubtfulFlags, updateVerdicts } from "./standing-of-read-store.ts";

/**
 * Judges the flags of a read whose customer keys have a history: a writeback of ours, or another address before. What
 * the read says of everybody else stands as it is. (product 2.4) Before the difference is written.
 * @returns the keys whose flag the AMS's people lifted after we had set it
 */
export async function judgeFlags(tx: Tx, account: AccountId, applied: Applied): Promise<ReadonlySet<string>> {
  const read = await selectDoubtfulFlags(tx, applied);
  const keys = read.map(({ remoteId }) => remoteId);
  const known = new Map((await selectKeyFacts(tx, account, keys)).map((facts) => [facts.remoteId, facts]));
  const judge = ({ remoteId, isSet }: (typeof read)[number]) => {
    const facts = known.get(remoteId);
    return judgeFlag(isSet, facts ? knownAt(facts, applied.readFrom) : nothingKnown);
  };
  const own = read.filter((row) => judge(row).flag === "ams").map(({ remoteId }) => remoteId);
  await updateLeavesFlag(tx, account, own);
  // One of theirs that a worker took meanwhile may be what the next read sees: they are judged with it.
  for (const facts of await selectKeyFacts(tx, account, own)) known.set(facts.remoteId, facts);
  const undone = new Map<string, number>();
  const verdicts = read.map((row) => {
    const { sequence, remoteId } = row;
    const facts = known.get(remoteId);
    const verdict = judge(row);
    const isLifted = verdict.flag === "none" && !verdict.isReadAgain;
    if (facts?.reached && isLifted && hasSetFlag(facts)) undone.set(remoteId, facts.reached.id);
    return { sequence, ...verdict };
  });
  await updateVerdicts(tx, verdicts);
  await updateUndone(tx, account, [...undone.values()], applied.now);
  return new Set(undone.keys());
}

const nothingKnown = { flag: "none", isNewer: false, mayBeOurs: false, isInDoubt: false } as const;
