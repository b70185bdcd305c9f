import { getRouteApi } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import classes from "./count-chain.module.css";
import type { CountStep } from "./count-steps.ts";

const route = getRouteApi("/shell/target-groups/$groupId");
const signs = { total: "", minus: "−", equals: "=" } as const;

/** The chain as numbers that add up, and as bars of one scale; each step opens its people below. (product 1.6) */
export function CountChain({ group }: { readonly group: Schema<"TargetGroupDetails"> }) {
  const { count } = useNumbers();
  const { step: openStep } = route.useSearch();
  const steps = withPlaces(group.countDetails);
  return (
    <ol className={classes.chain}>
      {steps.map(({ step, label, people, sign, start, share }) => (
        <li key={step} style={{ display: "contents" }}>
          <route.Link
            to="/target-groups/$groupId"
            params={{ groupId: group.id }}
            search={{ step: step as CountStep }}
            hash="people"
            resetScroll={false}
            className={classes.step}
            data-equals={sign === "equals" || undefined}
            data-open={openStep === step || undefined}
          >
            <span className={classes.sign}>{signs[sign]}</span>
            <span>{label}</span>
            <span className={classes.track} aria-hidden>
              <span
                className={classes.bar}
                data-minus={sign === "minus" || undefined}
                data-total={sign === "total" || undefined}
                style={{ marginInlineStart: `${start * 100}%`, width: `${share * 100}%`, minWidth: people > 0 ? 2 : 0 }}
              />
            </span>
            <span className="number" style={{ textAlign: "end" }}>
              {count(people)}
            </span>
          </route.Link>
        </li>
      ))}
    </ol>
  );
}

type Step = Schema<"TargetGroupDetails">["countDetails"][number];

/** Where each bar begins and how long it is, as shares of all records: what is taken away stands at the end of what was left. */
function withPlaces(steps: readonly Step[]): readonly (Step & { readonly start: number; readonly share: number })[] {
  const all = Math.max(steps[0]?.people ?? 0, 1);
  let left = all;
  return steps.map((step) => {
    if (step.sign === "minus") left -= step.people;
    return { ...step, start: step.sign === "minus" ? left / all : 0, share: step.people / all };
  });
}
