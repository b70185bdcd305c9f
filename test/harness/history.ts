import { sql } from "kysely";
import { must } from "../../src/platform/errors.ts";
import type { Entry, Lane, TwoSystems } from "./two-systems.ts";
import type { World } from "./world.ts";

/** A history told step by step. Persons 0 and 1 begin with the addresses a and b, and nobody has said no. */
export type History = TwoSystems & {
  /** The person's entry at the address that the AMS has of them now. */
  entry(person: number): Promise<Entry>;
  standing(person: number): Promise<string>;
  id(person: number): Promise<number>;
  /** How each of the person's addresses stands, by address. */
  standings(person: number): Promise<Readonly<Record<string, string>>>;
};

export async function beginHistory(lane: Lane): Promise<History> {
  const systems = await lane.begin();
  const entry = async (person: number) => {
    const entries = await systems.entries();
    return must(
      entries.find(({ remoteId, address }) => remoteId === systems.key(person) && address === systems.address(person)),
      "everybody has an entry",
    );
  };
  return Object.assign(systems, {
    entry,
    standing: async (person: number) => (await entry(person)).standing,
    id: async (person: number) => (await entry(person)).id,
    standings: async (person: number) => {
      const own = (await systems.entries()).filter(({ remoteId }) => remoteId === systems.key(person));
      return Object.fromEntries(own.map(({ address, standing }) => [address.replace(/@.*/, ""), standing]));
    },
  });
}

/** Everything that waits goes to the AMS; what it refuses is tried until it has failed. */
export async function goThrough(systems: TwoSystems): Promise<void> {
  for (let nth = 0; nth < 3; nth += 1) await systems.send("goes through", () => {});
}

/** A person's writebacks, the first one first. */
export async function writebacksOf(world: World, systems: TwoSystems, person: number): Promise<readonly string[]> {
  const rows = await world.query(sql<{ line: string }>`
    select type || ' ' || state as line from writeback
    where account_id = ${systems.own.ctx.accountId} and remote_id = ${systems.key(person)} order by id`);
  return rows.map(({ line }) => line);
}
