import { Anchor, Progress, Text, VisuallyHidden } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "../api/me.ts";
import { useNumbers } from "./numbers.ts";
import { isRunning, outcomeLine, type Sync } from "./sync-words.ts";
import { wayOn } from "./wait-words.ts";
import { useTimes } from "./when.tsx";

interface ProgressProps {
  readonly sync: Sync;
  /** What it waits for stands above already. */
  readonly isHeadlined?: boolean;
}

/** How far a sync is, live. Determinate as soon as a total is known; said aloud only each tenth. */
export function SyncProgress({ sync, isHeadlined = false }: ProgressProps) {
  const numbers = useNumbers();
  const times = useTimes();
  const share = shareOf(sync);
  const line = outcomeLine(sync, numbers, times);
  const spoken = share === null ? sync.state : `${sync.state}, ${Math.floor(share * 10) * 10}%`;
  return (
    <div>
      {isRunning(sync.state) && (
        <Progress.Root size="sm" mb={6}>
          <Progress.Section
            value={(share ?? 1) * 100}
            striped={share === null}
            animated={share === null}
            aria-label={line}
          />
        </Progress.Root>
      )}
      <Text size="sm" className="number" style={{ whiteSpace: "normal" }}>
        {sync.waitsFor === null ? line : <Waiting wait={sync.waitsFor} line={isHeadlined ? "" : `${line}. `} />}
      </Text>
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
    </div>
  );
}

/** What it waits for, how it goes on, and where to do something for it. */
function Waiting({ wait, line }: { readonly wait: NonNullable<Sync["waitsFor"]>; readonly line: string }) {
  const { text, link } = wayOn(wait);
  const mayFollow = useMay(link?.permission ?? "syncs:read");
  return (
    <>
      {line}
      {text}{" "}
      {link &&
        (mayFollow ? (
          <Anchor component={Link} to={link.to} inherit>
            {link.label}
          </Anchor>
        ) : (
          "An administrator does that in Bridge Configuration."
        ))}
    </>
  );
}

/** Null while no total is known. Reading is most of the way; a bar never runs back. */
function shareOf({ state, rowsRead, rowsExpected }: Sync): number | null {
  if (state === "comparing" || state === "applying") return 0.97;
  if (rowsExpected === null || rowsExpected === 0) return null;
  return Math.min(rowsRead / rowsExpected, 1) * 0.95;
}
