import { Liquid, type Template } from "liquidjs";
import { must } from "../../../platform/errors.ts";

/** What may be done to a value. Everything else that Liquid has, its tags first of all, is not there. (reliability 1.3, 11) */
export const filterNames = [
  "default",
  "upcase",
  "downcase",
  "capitalize",
  "date",
  "truncate",
  "strip",
  "escape",
] as const;

const engine = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: true,
  parseLimit: 10_000,
  renderLimit: 100,
  memoryLimit: 100_000,
  templates: {},
  globals: {},
});
for (const name of Object.keys(engine.tags)) delete engine.tags[name];
for (const name of Object.keys(engine.filters)) {
  // `raw` is what Liquid itself ends every output with.
  if (!(filterNames as readonly string[]).includes(name) && name !== "raw") delete engine.filters[name];
}
// A day alone is a day everywhere: read as an instant in UTC, it would be the day before west of Greenwich.
const formatDate = engine.filters.date as (this: unknown, value: unknown, ...rest: unknown[]) => unknown;
engine.registerFilter("date", function (value: unknown, ...rest: unknown[]) {
  const text = String(value);
  return formatDate.call(this, /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text, ...rest);
});
// Values are escaped for their place afterwards: twice would show it.
engine.registerFilter("escape", (value: unknown) => String(value));

/** One output, ready to be filled a million times. */
export type Output = readonly Template[];

/** @throws Error of Liquid's own when the template can't be read: ours were, before they came here */
export function parseOutput(template: string): Output {
  return engine.parse(template);
}

/** @returns what the output makes of the value; what a filter can't work with gives nothing */
export function renderOutput(output: Output, value: string): string {
  try {
    return String(must(engine.renderSync([...output], { value }), "an output gives text"));
  } catch {
    return "";
  }
}
