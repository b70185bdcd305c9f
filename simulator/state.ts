import type { Faults } from "./faults.ts";
import type { MessagingJob } from "./messaging-jobs.ts";
import type { People } from "./people.ts";
import type { Sessions } from "./sessions.ts";

/** Everything that the stand-in knows and that can be turned while it runs. */
export interface State {
  readonly people: People;
  readonly jobs: MessagingJob[];
  readonly faults: Faults;
  readonly sessions: Sessions;
  readonly calls: Map<string, number>;
  /** Every Do Not Email that was set, in order. */
  readonly doNotEmail: { key: string; flag: string }[];
  /** Every line that was written into somebody's history, by customer key, in order. */
  readonly activities: Map<string, { date: string; text: string }[]>;
  rowCap: number;
  latencyMs: number;
  callCount: number;
}
