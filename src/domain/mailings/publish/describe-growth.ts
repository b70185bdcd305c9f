import type { Baseline } from "./growth.rules.ts";

/** Both numbers in a sentence. (product 1.5) */
export function describeGrowth({ people, now, source }: Baseline): string {
  const number = people.toLocaleString("en");
  const before = {
    last_publish: `the last publish went to ${number}`,
    median: `the groups had ${number} in the middle of the last 30 days`,
    confirmed: `it was published to ${number}`,
  }[source];
  return source === "median"
    ? `The groups to send to have ${now.toLocaleString("en")} people; ${before}.`
    : `The audience is ${now.toLocaleString("en")} people; ${before}.`;
}
