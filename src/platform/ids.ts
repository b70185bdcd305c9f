import { randomUUIDv7 } from "node:crypto";

/** A new id: UUID version 7, so that ids grow with time and index pages fill one after another. Never a secret. */
export function newId<Id extends string = string>(): Id {
  return randomUUIDv7() as Id;
}
