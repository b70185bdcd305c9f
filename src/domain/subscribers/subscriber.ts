/** A person with an e-mail address; remote if from the AMS. Identity is (address, remote ID). (product 2.1) */
export interface Subscriber {
  readonly id: number;
  readonly remoteId: string | null;
  readonly email: string;
  /** The form that addresses are compared in. */
  readonly emailKey: string;
  readonly standing: "do_not_email" | "unsubscribed" | "bad_email" | "sendable";
  readonly doNotEmail: boolean;
  /** Who set the AMS's flag: its own people, or a writeback of ours; null when it isn't set. (product 2.4) */
  readonly doNotEmailOrigin: "ams" | "here" | null;
  readonly unsubscribedAt: Temporal.Instant | null;
  readonly unsubscribeOrigin: "person" | "administrator" | "complaint" | null;
  readonly unsubscribeReason: string | null;
  readonly badEmailAt: Temporal.Instant | null;
  readonly values: Readonly<Record<string, string>>;
  /** Since then the row is empty: the person was erased on request. (product 2.6) */
  readonly erasedAt: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly updatedAt: Temporal.Instant;
}
