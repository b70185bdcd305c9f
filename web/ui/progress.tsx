import { Progress, Text, VisuallyHidden } from "@mantine/core";
import { useNumbers } from "./numbers.ts";
import { isRunning, outcomeLine, type Sync } from "./sync-words.ts";
import { useTimes } from "./when.tsx";

/** How far a sync is, live. Determinate as soon as a total is known; said aloud only each tenth. */
export function SyncProgress({ sync }: { readonly sync: Sync }) {
  const numbers = useNumbers();
  const times = useTimes();
  const share = shareOf(sync);
  const line = outcomeLine(sync, numbers, times);
  const spoken = share === null ? sync.state : `${sync.state}, ${Math.floor(share * 10) * 10} %`;
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
        {line}
      </Text>
      <VisuallyHidden role="status">{spoken}</VisuallyHidden>
    </div>
  );
}

/** Null while no total is known. Reading is most of the way; a bar never runs back. */
function shareOf({ state, rowsRead, rowsExpected }: Sync): number | null {
  if (state === "comparing" || state === "applying") return 0.97;
  if (rowsExpected === null || rowsExpected === 0) return null;
  return Math.min(rowsRead / rowsExpected, 1) * 0.95;
}
