import type { FieldName, MessagingJobQuery, OptOutCategory, PersonalizationField, QueryKey } from "../connector.ts";
import type { Element } from "./answer-reader.ts";
import { incomplete } from "./failures.ts";
import { isGuid } from "./mapping.ts";

/** A row of the list of messaging job queries, and the key to go on behind, as it came. @throws AmsError without a key */
export function toQuery(key: string, name: string): { query: MessagingJobQuery; cursor: string } {
  const plain = key
    .trim()
    .replace(/^\{|\}$/g, "")
    .toLowerCase();
  if (!isGuid(plain)) throw incomplete("a messaging job query has a key that is none", key.slice(0, 60));
  return {
    query: { key: plain as QueryKey, name: name.trim().slice(0, 500).toWellFormed() || plain },
    cursor: key.trim(),
  };
}

const sensitive = /password|ssn|dob|birth|passport|bank|card/i;

/** An element of the schema that has a simple type is a field. */
export function toField({ name, attributes }: Element): PersonalizationField | undefined {
  const local = name.slice(name.indexOf(":") + 1);
  const { name: field, type } = attributes;
  if (local !== "element" || field === undefined || type === undefined || !/^[A-Za-z0-9_]{1,64}$/.test(field))
    return undefined;
  return {
    name: field as FieldName,
    dataType: type
      .slice(type.indexOf(":") + 1)
      .slice(0, 64)
      .toWellFormed(),
    isSensitive: sensitive.test(field),
  };
}

/** @throws AmsError for a key that is none */
export function toCategory(key: string, name: string): OptOutCategory {
  const plain = key.trim().replace(/^\{|\}$/g, "");
  if (plain === "" || plain.length > 100)
    throw incomplete("an opt-out category has a key that is none", key.slice(0, 60));
  const known = (isGuid(plain) ? plain.toLowerCase() : plain).toWellFormed();
  return { key: known, name: name.trim().slice(0, 200).toWellFormed() || known };
}
