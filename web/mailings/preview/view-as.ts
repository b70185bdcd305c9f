import type { Person } from "./find-person.tsx";

/** As whom a mailing is looked at. */
export type ViewAs =
  | { readonly kind: "person"; readonly person: Person }
  | { readonly kind: "no_values" }
  | { readonly kind: "longest_values" };

/** As the API takes it. */
export function toPerson(as: ViewAs) {
  return as.kind === "person" ? { subscriberId: as.person.id } : { sample: as.kind };
}

/** As an address carries it. */
export function toQuery(as: ViewAs): Record<string, string> {
  return as.kind === "person" ? { subscriberId: String(as.person.id) } : { sample: as.kind };
}

/** The neighbour in a list of people; none beyond its ends. */
export function neighbour(people: readonly Person[], as: ViewAs, step: -1 | 1): Person | undefined {
  if (as.kind !== "person") return people[step === 1 ? 0 : people.length - 1];
  const at = people.findIndex(({ id }) => id === as.person.id);
  return at < 0 ? people[0] : people[at + step];
}
