import { AmsError } from "../../connectors/connector.ts";
import type { Tx } from "../../platform/database/database.ts";
import { ConflictError, InvalidInputError, must, SetupError } from "../../platform/errors.ts";
import { newId } from "../../platform/ids.ts";
import { recordChange } from "../accounts/record-change.ts";
import type { AccountContext } from "../context.ts";
import type { Bridge, BridgeId, BridgeSettings } from "./bridge.ts";
import { checkBridgeSettings } from "./bridge-settings.rules.ts";
import { getBridge, openPassword } from "./get-bridge.ts";
import { healthy } from "./health.rules.ts";
import {
  type BridgeValues,
  insertBridge,
  lockBridge,
  selectBridge,
  selectSealedPassword,
  updateBridge,
  updateBridgeHealth,
} from "./store.ts";

/** Left out or undefined: stays as it is. */
type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

export interface BridgeInput extends Optional<BridgeSettings> {
  readonly connector?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly userName?: string | undefined;
  /** Write-only; left out, the stored one stays. */
  readonly password?: string | undefined;
  /** Null goes back to the connector's default; left out, the stored one stays. */
  readonly mapping?: unknown;
  readonly isActive?: boolean | undefined;
  /** The version that the editor saw; another one by now is a conflict. */
  readonly version?: number | undefined;
}

const defaults: BridgeSettings & { connector: string; isActive: boolean } = {
  connector: "netforum-pro",
  isActive: true,
  sessionLimit: 1,
  guardPercent: 30,
  guardMinimum: 50,
  guardAbsolute: null,
  nightlyIsOn: true,
  nightlyHour: 3,
  preferenceLink: "",
};

/**
 * Sets up the account's bridge, or changes what is given of it. Another way to the AMS clears
 * "needs attention" and the circuit; nothing else does, since 25 refusals lock the account there.
 * @throws InvalidInputError naming each field that is missing or wrong
 * @throws ConflictError when somebody else changed the bridge since the editor looked
 */
export async function configureBridge(ctx: AccountContext, input: BridgeInput): Promise<Bridge> {
  const before = await ctx.db.transaction(ctx.accountId, (tx) => selectBridge(tx, ctx.accountId));
  const values = mergeValues(before, input);
  checkBridgeSettings(values);
  await checkWithConnector(ctx, values);
  // A stored password goes to the stored host only: a new address asks for it again, or it would be handed to it.
  const isMoved = before && new URL(before.baseUrl).host !== new URL(values.baseUrl).host;
  if (!input.password && (!before || isMoved)) {
    throw new InvalidInputError([
      { path: "password", message: before ? "a new address needs the password again" : "a bridge needs a password" },
    ]);
  }
  const sealed = input.password ? ctx.secrets.seal(input.password, ctx.accountId) : null;
  return ctx.db.transaction(ctx.accountId, async (tx) => {
    const found = await selectBridge(tx, ctx.accountId);
    const current = found && (await lockBridge(tx, ctx.accountId, found.id));
    if (current?.version !== (input.version ?? before?.version)) throw editedMeanwhile();
    if (current) {
      const isNew = await isOtherConnection(tx, ctx, current, values, input.password);
      await updateBridge(tx, ctx.accountId, current.id, values, sealed, ctx.clock.now());
      if (isNew) await updateBridgeHealth(tx, ctx.accountId, current.id, healthy);
    } else if (sealed) {
      await insertBridge(tx, ctx.accountId, newId<BridgeId>(), values, sealed, ctx.clock.now());
    }
    await recordChange(tx, ctx, current ? "bridge.change" : "bridge.create", values.baseUrl, {
      fields: Object.keys(input),
    });
    return getBridge(tx, ctx);
  });
}

/** Whether the AMS is asked at another address or by other credentials than before. */
async function isOtherConnection(
  tx: Tx,
  ctx: AccountContext,
  before: Bridge,
  values: BridgeValues,
  password: string | undefined,
): Promise<boolean> {
  const names = ["connector", "baseUrl", "userName"] as const;
  if (names.some((name) => before[name] !== values[name])) return true;
  if (!password) return false;
  const sealed = must(await selectSealedPassword(tx, ctx.accountId, before.id), "a bridge has a password");
  try {
    return openPassword(ctx, sealed) !== password;
  } catch (error) {
    // Nobody knows the old one any more: what was entered takes its place.
    if (error instanceof SetupError) return true;
    throw error;
  }
}

function mergeValues(before: Bridge | undefined, input: BridgeInput): BridgeValues {
  const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  const merged = { ...defaults, ...before?.settings, ...before, ...given } as BridgeInput & BridgeValues;
  const missing = (["baseUrl", "userName"] as const).filter((name) => !merged[name]);
  if (missing.length > 0) {
    throw new InvalidInputError(missing.map((path) => ({ path, message: `a bridge needs its ${path}` })));
  }
  return { ...merged, mapping: merged.mapping ?? null };
}

async function checkWithConnector(ctx: AccountContext, values: BridgeValues): Promise<void> {
  const connector = ctx.connectors.get(values.connector);
  if (!connector) {
    const known = [...ctx.connectors.keys()].join(", ");
    throw new InvalidInputError([
      { path: "connector", message: `no connector is called '${values.connector}'; there are: ${known}` },
    ]);
  }
  await asInputError("baseUrl", () => connector.checkUrl(values.baseUrl));
  if (values.mapping !== null) await asInputError("mapping", async () => connector.parseMapping(values.mapping));
}

async function asInputError(path: string, check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (error instanceof AmsError) throw new InvalidInputError([{ path, message: error.message }], { cause: error });
    throw error;
  }
}

function editedMeanwhile(): ConflictError {
  return new ConflictError(
    "edited_meanwhile",
    "Somebody else changed the bridge while you were editing it.",
    "Load it again and repeat your change.",
  );
}
