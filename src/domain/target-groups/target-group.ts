import type { QueryKey } from "../../connectors/connector.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { Counts } from "./count-details.rules.ts";

export type GroupId = string & { readonly __brand: "GroupId" };
export type FolderId = string & { readonly __brand: "FolderId" };

/** An audience that is always the result of one complete, successful read. (product 1.2) */
export interface TargetGroup {
  readonly id: GroupId;
  readonly folderId: FolderId;
  readonly kind: "bridge" | "compound" | "static";
  readonly bridgeId: BridgeId | null;
  readonly queryKey: QueryKey | null;
  readonly name: string;
  readonly createdAt: Temporal.Instant;
  /** Missing in the AMS since then; null while the AMS still lists it. */
  readonly missingSince: Temporal.Instant | null;
  readonly guardPercent: number | null;
  readonly guardMinimum: number | null;
  readonly guardAbsolute: number | null;
  readonly countState: "not_yet_counted" | "counted" | "error";
  /** When the read was applied that the group is now; null before the first. */
  readonly countedAt: Temporal.Instant | null;
  readonly counts: Counts;
}

export interface Folder {
  readonly id: FolderId;
  readonly name: string;
  readonly bridgeId: BridgeId | null;
  readonly groups: number;
}
