import type { QueryKey } from "../../connectors/connector.ts";
import type { BridgeId } from "../bridges/bridge.ts";
import type { Counts } from "./count-details.rules.ts";

export type GroupId = string & { readonly __brand: "GroupId" };
export type FolderId = string & { readonly __brand: "FolderId" };

/** An audience that is always the result of one complete, successful read. (product 1.2) */
export interface TargetGroup {
  readonly id: GroupId;
  /** Null for a group whose folder was deleted while the group was too. */
  readonly folderId: FolderId | null;
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
  readonly deletedAt: Temporal.Instant | null;
  /** Rises with every change by a person: a second editor is told, not overwritten. */
  readonly version: number;
  readonly countState: "not_yet_counted" | "counted" | "error";
  /** When the read was applied that the group is now; null before the first. */
  readonly countedAt: Temporal.Instant | null;
  readonly counts: Counts;
}

/** Where target groups live. The bridge made one for itself; people make others and move groups between them. */
export interface Folder {
  readonly id: FolderId;
  readonly name: string;
  /** Null at the top. */
  readonly parentId: FolderId | null;
  /** The bridge that made this folder; null for a person's own. */
  readonly bridgeId: BridgeId | null;
  /** Groups right in it, deleted ones not counted. */
  readonly groups: number;
  readonly version: number;
  readonly deletedAt: Temporal.Instant | null;
}
