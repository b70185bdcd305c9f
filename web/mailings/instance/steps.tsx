import { Card, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconHandStop } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Schema } from "../../api/client.ts";
import { type Numbers, useNumbers } from "../../ui/numbers.ts";
import { When } from "../../ui/when.tsx";
import classes from "./steps.module.css";
import type { InstanceState } from "./words.ts";

type Story = Schema<"InstanceStory">;
type Stage = "done" | "now" | "stopped" | "ahead";

const order = ["scheduled", "syncing", "building", "counting_down", "sending", "sent"] as const;
const labels = ["Published", "Groups in step", "Audience", "Last minute", "Sending", "Sent"] as const;
const stageWords: Record<Stage, string> = { done: "done", now: "now", stopped: "stopped here", ahead: "still to come" };

/** The steps in a row: what is done and when, what happens now, what is still to come. (product 4.2) */
export function Steps({ story }: { readonly story: Story }) {
  const numbers = useNumbers();
  const { instance } = story;
  const at = placeOf(instance);
  const isStopped = ["paused", "on_hold", "cancelled"].includes(instance.state);
  return (
    <Card component="section" aria-label="Steps">
      <ol className={classes.steps}>
        {labels.map((label, place) => {
          const stage = stageOf(place, at, isStopped, instance.state);
          return (
            <li
              key={label}
              className={classes.step}
              data-stage={stage}
              aria-current={stage === "now" ? "step" : undefined}
            >
              <span className={classes.mark} aria-hidden>
                {stage === "done" ? (
                  <IconCheck size={14} />
                ) : stage === "stopped" ? (
                  <IconHandStop size={13} />
                ) : (
                  place + 1
                )}
              </span>
              <div>
                <div className={classes.label}>
                  {label}
                  <VisuallyHidden>, {stageWords[stage]}</VisuallyHidden>
                </div>
                <div className={classes.note}>{noteOf(place, story, stage, numbers)}</div>
              </div>
            </li>
          );
        })}
      </ol>
    </Card>
  );
}

/** Which step it is in, or was stopped in. */
function placeOf({ state, resumesIn, sendingAt, builtAt, buildingAt, syncingAt }: Story["instance"]): number {
  const here = order.findIndex((known) => known === (state === "cancelled" ? undefined : (resumesIn ?? state)));
  if (here >= 0) return here;
  if (sendingAt) return 4;
  if (builtAt) return 3;
  return buildingAt ? 2 : syncingAt ? 1 : 0;
}

function stageOf(place: number, at: number, isStopped: boolean, state: InstanceState): Stage {
  if (place < at || state === "sent" || (place === 0 && state !== "scheduled" && at > 0)) return "done";
  if (place > at) return "ahead";
  return isStopped ? "stopped" : "now";
}

function noteOf(place: number, { instance, groups }: Story, stage: Stage, { count }: Numbers): ReactNode {
  const fresh = groups.filter(({ sync }) => sync?.state === "succeeded").length;
  if (stage === "ahead") return place === 1 && groups.length === 0 ? "nothing to sync" : null;
  switch (place) {
    case 0:
      return stage === "now" ? (
        <>
          begins <When at={instance.dueAt} isAhead />
        </>
      ) : (
        <When at={instance.publishedAt} />
      );
    case 1:
      if (instance.mayUseLastGood) return "the last good audience";
      return groups.length === 0 ? "nothing to sync" : `${fresh} of ${groups.length}`;
    case 2:
      return instance.builtAt ? `${count(instance.recipients)} people` : null;
    case 3:
      return instance.sendingAt ? "not undone" : null;
    case 4:
      return instance.sendingAt && <When at={instance.sendingAt} />;
    default:
      return <When at={instance.finishedAt} />;
  }
}
