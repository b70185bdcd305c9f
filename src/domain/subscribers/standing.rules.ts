/**
 * Who may be written to, and who wins when Lockstep and the AMS disagree: the whole of product 2.3, 2.4 and 5.1 as
 * decisions without a database. The tables are in docs/decisions/0028 and docs/user-guide/who-may-be-written-to.md.
 *
 * Three facts decide about a person, each with one owner. The *unsubscribe* is made here and is the person's: of all
 * entries that share an address or a customer key, directly or by others. The *bad e-mail* is the address's. The *flag*
 * is the AMS's, of one customer key; it is set by the AMS's people, or by a writeback of ours, and who set it may lift
 * it. What is owed to the AMS follows from these, so that both agree once everything is sent and read.
 */

/** Whose the AMS's do-not-email flag is, as far as it is known here: `none` when it isn't set. */
export type Flag = "none" | "ams" | "here";

/** How a subscriber stands; only `sendable` may be written to. `subscriber.standing` in the database is the same. */
export type Standing = "do_not_email" | "unsubscribed" | "bad_email" | "sendable";

/**
 * How a subscriber stands. A flag that a writeback of ours set says nothing that isn't said here; alone, it means that
 * the person took back a no that had reached the AMS, and no administrator did. (product 5.1)
 */
export function standingOf(says: {
  readonly flag: Flag;
  readonly isUnsubscribed: boolean;
  readonly isBadEmail: boolean;
}): Standing {
  if (says.flag === "ams") return "do_not_email";
  if (says.isUnsubscribed) return "unsubscribed";
  if (says.isBadEmail) return "bad_email";
  return says.flag === "here" ? "do_not_email" : "sendable";
}

/** What is known of a customer key when a sync brings its flag. */
export interface FlagKnown {
  readonly flag: Flag;
  /** It was learnt after the read began. */
  readonly isNewer: boolean;
  /** A writeback of ours set the flag, or may have; when the read began none had cleared it, nor had the AMS's people. */
  readonly mayBeOurs: boolean;
  /** A writeback that changes the flag waits, is under way, failed, or reached the AMS after the read began. */
  readonly isInDoubt: boolean;
}

/** What a read makes of a flag. */
export interface FlagVerdict {
  readonly flag: Flag;
  /** The read was too old to tell: what was known stays, and the next read looks again. */
  readonly isReadAgain: boolean;
}

/**
 * What a sync makes of the flag that it read. (product 2.4)
 * - Set, and nothing of ours can have set it: it is the AMS's no, whatever waits.
 * - Set, and known as the AMS's own: it stays so; what we write leaves it as it is.
 * - Set by us: it is ours. While a writeback is in doubt it may be the one that an administrator just lifted.
 * - Not set: lifts what was known, unless the read is older than that, or than a writeback.
 */
export function judgeFlag(isSet: boolean, known: FlagKnown): FlagVerdict {
  const again = { flag: known.flag, isReadAgain: true };
  const settled = (flag: Flag) => ({ flag, isReadAgain: false });
  if (isSet) {
    if (known.flag === "ams" || (known.flag === "none" && !known.mayBeOurs)) return settled("ams");
    return known.isInDoubt ? again : settled("here");
  }
  return known.isInDoubt || known.isNewer ? again : settled("none");
}

/** What stands of a customer key here. */
export interface KeyStanding {
  readonly flag: Flag;
  readonly isUnsubscribed: boolean;
  /** The address that the AMS has of it now is bad. */
  readonly isBadEmail: boolean;
  /** What the AMS was told last, or is about to be told; null when nothing, or when its people lifted it. */
  readonly told: "unsubscribe" | "resubscribe" | "bad_email" | null;
}

/** What must go to the AMS. */
export type Owed = KeyStanding["told"];

/**
 * What the AMS is owed after something changed by itself: a sync brought an address, a customer key or a flag. What
 * people decide is written back besides. (product 5.1)
 * - A no stands here, and the AMS neither says so nor is about to be told: it is told (again).
 * - Nobody says no any more, and what the AMS was told last was a bad e-mail: the address is another, so it is cleared.
 * - The AMS says no of its own: there is nothing to tell it.
 */
export function owedTo({ flag, isUnsubscribed, isBadEmail, told }: KeyStanding): Owed {
  if (flag === "ams") return null;
  if (!isUnsubscribed && !isBadEmail) return told === "bad_email" ? "resubscribe" : null;
  const saysNo = told === null ? flag === "here" : told !== "resubscribe";
  if (saysNo) return null;
  return isUnsubscribed ? "unsubscribe" : "bad_email";
}

/** What becomes of a customer key when a no that was made here is taken back. */
export type Lifted =
  /** A Resubscribe goes to the AMS and lifts its flag; what is known of the flag is forgotten. */
  | "resubscribe"
  /** A Resubscribe goes, but no flag of ours is there to lift: one that is may be the AMS's own, and stays. */
  | "tell_only"
  /** What waits is taken back, and nothing goes. */
  | "withdraw"
  /** The AMS was told: its flag stands until an administrator resubscribes. */
  | "flag_stands";

/**
 * What becomes of a customer key when a no that was made here is taken back: by an administrator, whose Resubscribe
 * clears the AMS's flag unless it is the AMS's own, or by the person, which clears nothing there. (product 2.4, 5.1)
 * @param hasReached a writeback that set the flag has reached the AMS, or may have
 */
export function liftOf(by: "person" | "administrator", flag: Flag, hasReached: boolean): Lifted {
  if (flag === "ams") return "withdraw";
  if (hasReached || flag === "here") return by === "administrator" ? "resubscribe" : "flag_stands";
  return by === "administrator" ? "tell_only" : "withdraw";
}
