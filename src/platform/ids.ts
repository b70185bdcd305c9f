import { randomUUIDv7 } from "node:crypto";

/** A new id: UUID version 7, so that ids grow with time and index pages fill one after another. Never a secret. */
export function newId<Id extends string = string>(): Id {
  return randomUUIDv7() as Id;
}

/** Whether a text from outside has the form of an id; any version of UUID, as PostgreSQL reads it. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
}
