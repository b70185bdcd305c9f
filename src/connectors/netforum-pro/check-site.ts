import { AmsError, type CheckReport, type CheckStep, type FieldName, type QueryKey } from "../connector.ts";
import { isPaged, type Mapping } from "./mapping.ts";
import type { NetforumSession } from "./session.ts";

/** Test connection, step by step: a step that fails skips those that need it, and says what is missing. */
export async function checkSite(session: NetforumSession, mapping: Mapping, signal: AbortSignal): Promise<CheckReport> {
  const steps: CheckStep[] = [];
  const state = { isBroken: false };
  const step = async <T>(title: string, run: () => Promise<{ message: string; value: T }>): Promise<T | undefined> => {
    if (state.isBroken) {
      steps.push({ title, outcome: "skipped", message: "not tried, since a step before it failed" });
      return undefined;
    }
    try {
      const { message, value } = await run();
      steps.push({ title, outcome: "ok", message });
      return value;
    } catch (error) {
      state.isBroken = true;
      const message =
        error instanceof AmsError ? [error.message, error.detail].filter(Boolean).join(" — ") : String(error);
      steps.push({ title, outcome: "failed", message });
      return undefined;
    }
  };
  await step("Read the service description", async () => {
    const operations = await session.describe(signal);
    return {
      message: `the site offers ${operations.size} elements; ${missingNothing(mapping, operations)}`,
      value: operations,
    };
  });
  await step("Sign in", async () => ({
    message: "user name and password are accepted",
    value: await session.signOn(signal),
  }));
  const queries = await step("List the messaging job queries", async () => {
    const found = await session.listMessagingJobQueries(signal);
    return { message: `${found.length} found`, value: found };
  });
  await step("List the personalization fields", async () => {
    const found = await session.listPersonalizationFields(signal);
    return {
      message: `${found.length} found, ${found.filter((field) => field.isSensitive).length} of them start as not valid`,
      value: found,
    };
  });
  await step("Read the individuals of a messaging job query", async () => {
    const query = queries?.at(-1);
    if (!query) return { message: "there is no query to try it with", value: null };
    return { message: await readOnePage(session, query.key, query.name, signal), value: null };
  });
  return { ok: !state.isBroken, steps };
}

async function readOnePage(
  session: NetforumSession,
  key: QueryKey,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const fields: FieldName[] = [];
  for await (const page of session.readIndividuals(key, fields, { signal })) {
    return `'${name}' answers; its first page has ${page.individuals.length} rows`;
  }
  return `'${name}' answers; it has nobody`;
}

/** @throws AmsError naming every mapped operation or parameter that the site lacks */
function missingNothing(mapping: Mapping, operations: ReadonlyMap<string, readonly string[]>): string {
  const mapped = [
    mapping.queries,
    mapping.fields,
    mapping.individuals,
    mapping.setDoNotEmail,
    ...[mapping.readDoNotEmail, mapping.recordActivity, mapping.findActivity].filter((need) => need !== null),
  ];
  const missing = mapped.flatMap(({ operation, parameters }) => {
    const offered = operations.get(operation);
    if (!offered) return [`the operation ${operation}`];
    return Object.keys(parameters)
      .filter((name) => !offered.includes(name))
      .map((name) => `${operation}'s parameter ${name}`);
  });
  if (missing.length > 0) {
    throw new AmsError(
      "mapping",
      `The site lacks ${[...new Set(missing)].join(", ")}. Map the need to an operation that it has (Advanced), or ask netFORUM Pro's support to enable it.`,
    );
  }
  const unpaged = isPaged(mapping.individuals.parameters)
    ? ""
    : "; individuals are read in one answer, so a site that cuts answers silently would go unnoticed";
  return `all mapped operations exist with their parameters${unpaged}`;
}
