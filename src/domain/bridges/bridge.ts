export type BridgeId = string & { readonly __brand: "BridgeId" };

/** An account's connection to its AMS, as it may be shown: the password is write-only. */
export interface Bridge {
  readonly id: BridgeId;
  /** The connector's id: `netforum-pro`. */
  readonly connector: string;
  readonly baseUrl: string;
  readonly userName: string;
  /** Null takes the connector's default mapping. */
  readonly mapping: unknown;
  readonly isActive: boolean;
  readonly settings: BridgeSettings;
  readonly health: BridgeHealth;
  readonly listSyncedAt: Temporal.Instant | null;
  readonly createdAt: Temporal.Instant;
  readonly version: number;
}

export interface BridgeSettings {
  /** Sessions with the AMS at once. (product 1.4) */
  readonly sessionLimit: number;
  readonly guardPercent: number;
  readonly guardMinimum: number;
  readonly guardAbsolute: number | null;
  readonly nightlyIsOn: boolean;
  /** Hour of the day in the account's zone. */
  readonly nightlyHour: number;
  /** The AMS's page where a person chooses what to get, with `{customer_key}`; empty: none. */
  readonly preferenceLink: string;
}

export interface BridgeHealth {
  /** Set when credentials were refused: no trigger calls the AMS until somebody mends it. */
  readonly needsAttentionSince: Temporal.Instant | null;
  readonly needsAttentionReason: string | null;
  readonly failuresInARow: number;
  /** While the circuit is open: when the next call is tried. */
  readonly probeAt: Temporal.Instant | null;
}
