import { z } from "zod";
import { AmsError } from "../connector.ts";
import { escapeXml, type Parameters } from "./soap.ts";

/**
 * How a site's operations answer the bridge's needs. Parameters are templates: `{name}` stands for a value. A value
 * that begins with `<` is XML and is sent as such. (netforum-xweb, "The operations the bridge needs")
 */
const operation = z.strictObject({
  operation: z.string().regex(/^[A-Za-z]\w{0,63}$/, "an operation's name has letters and digits only"),
  parameters: z.record(z.string().regex(/^[A-Za-z]\w{0,63}$/), z.string().max(10_000)),
});
const column = z.string().regex(/^[A-Za-z0-9_]{1,64}$/, "a column's name has letters, digits and _ only, at most 64");

/** Sites have the operation, its parameter and its answer's frame [rec]; the names of its columns are ours. */
const optOutCategories = {
  operation: "GetOptOutCategories",
  // What was recorded since that date; without one, all.
  parameters: { szRecordDate: "" } as Record<string, string>,
  key: "mct_key",
  name: "mct_name",
};

const mappingSchema = z.strictObject({
  queries: operation.extend({ key: column, name: column }),
  fields: operation,
  /** Null asks for none. A mapping that was written before there were any takes the default. */
  optOutCategories: operation.extend({ key: column, name: column }).nullable().default(optOutCategories),
  individuals: operation.extend({ key: column, email: column, doNotEmail: column }),
  /** One person's flag, asked for before a call is repeated; null where a site can't tell. */
  readDoNotEmail: operation.extend({ doNotEmail: column }).nullable().default(null),
  setDoNotEmail: operation,
  /** Written into the person's history after the flag; null where a site doesn't allow it. */
  recordActivity: operation.nullable(),
  /** A person's lines of one time, to see whether ours stands there already; null where a site can't tell. */
  findActivity: operation.extend({ text: column }).nullable().default(null),
});

export type Mapping = z.infer<typeof mappingSchema>;

export const defaultMapping: Mapping = {
  queries: {
    operation: "GetQuery",
    // Paged by key like the recipients: a site that cuts its answers would hide queries, and their groups would be marked missing.
    parameters: {
      szObjectName: "MessagingJob @TOP -1",
      szColumnList: "{columns},mjb_add_date",
      szWhereClause: "mjb_key > '{last}'",
      szOrderBy: "mjb_key",
    },
    key: "mjb_key",
    name: "mjb_name",
  },
  fields: { operation: "GetFacadeXMLSchema", parameters: { szObjectName: "Individual" } },
  optOutCategories,
  individuals: {
    operation: "GetQuery",
    parameters: {
      szObjectName: "MessagingJobRecipient @TOP -1",
      szColumnList: "{columns}",
      szWhereClause: "mjb_key = '{job}' AND cst_key > '{last}'",
      szOrderBy: "cst_key",
    },
    key: "cst_key",
    email: "cst_eml_address_dn",
    doNotEmail: "cst_no_email_flag",
  },
  readDoNotEmail: { operation: "GetCustomerByKey", parameters: { szCstKey: "{key}" }, doNotEmail: "NoEmaiFlag" },
  setDoNotEmail: {
    operation: "SetIndividualInformation",
    parameters: {
      IndividualKey: "{key}",
      oUpdateNode:
        "<IndividualObjects><IndividualObject><cst_no_email_flag>{flag}</cst_no_email_flag></IndividualObject></IndividualObjects>",
    },
  },
  recordActivity: {
    operation: "NewHistoricalActivity",
    parameters: {
      oNode:
        "<Activity><cst_key>{key}</cst_key><activity_date>{date}</activity_date><activity_text>{reason}</activity_text></Activity>",
    },
  },
  findActivity: {
    operation: "GetQuery",
    parameters: {
      szObjectName: "Activity @TOP 100",
      szColumnList: "activity_text",
      szWhereClause: "cst_key = '{key}' AND activity_date = '{date}'",
      szOrderBy: "cst_key",
    },
    text: "activity_text",
  },
};

/** @throws AmsError of kind `mapping` naming each mistake */
export function parseMapping(value: unknown): Mapping {
  if (value === null || value === undefined) return defaultMapping;
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => `${issue.path.join(".") || "mapping"}: ${issue.message}`);
  throw new AmsError("mapping", `The operation mapping can't be used: ${mistakes.join("; ")}`);
}

const guidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(text: string): boolean {
  return guidForm.test(text);
}

/** Before every key, in the order of a first page. */
export const zeroGuid = "00000000-0000-0000-0000-000000000000";

/**
 * Fills the templates of an operation's parameters, as XML.
 * @throws AmsError when a key that would go into a where clause is none (reliability 1.3, 9)
 */
export function fillParameters(
  templates: Readonly<Record<string, string>>,
  values: Readonly<Record<string, string>>,
): Parameters {
  for (const name of ["job", "last", "key"]) {
    const key = values[name];
    if (key !== undefined && !isGuid(key)) {
      throw new AmsError("refused", "A key that is no key was kept out of a call to netFORUM Pro.", {
        detail: `${name}: ${key.slice(0, 60)}`,
      });
    }
  }
  const filled = Object.entries(templates).map(([parameter, template]) => {
    const isXml = template.startsWith("<");
    const text = template.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? whole : isXml ? escapeXml(value) : value;
    });
    return [parameter, isXml ? text : escapeXml(text)];
  });
  return Object.fromEntries(filled);
}

/** Whether the operation can be asked for what comes after a key: without it, one answer is all there is. */
export function isPaged(templates: Readonly<Record<string, string>>): boolean {
  return Object.values(templates).some((template) => template.includes("{last}"));
}
