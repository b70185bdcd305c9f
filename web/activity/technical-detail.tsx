import { Code, Text } from "@mantine/core";
import { useMay } from "../api/me.ts";
import type { Sync } from "../ui/sync-words.ts";

/** For administrators: what to quote to whoever runs netFORUM Pro or Lockstep. */
export function TechnicalDetail({ sync }: { readonly sync: Sync }) {
  const isAdministrator = useMay("bridge:change");
  if (!isAdministrator) return null;
  const lines = [
    `sync ${sync.id}`,
    `asked for ${sync.requestedAt}`,
    ...(sync.startedAt ? [`started ${sync.startedAt}, attempt ${sync.attempt}`] : []),
    ...(sync.finishedAt ? [`ended ${sync.finishedAt}`] : []),
    ...(sync.errorKind ? [`error: ${sync.errorKind}`] : []),
    ...(sync.errorDetail ? [sync.errorDetail] : []),
  ];
  return (
    <details>
      <Text component="summary" size="sm" c="dimmed" py={4} style={{ cursor: "pointer" }}>
        Technical detail
      </Text>
      <Code block mt="xs" tabIndex={0} role="group" aria-label="Technical detail" style={{ whiteSpace: "pre-wrap" }}>
        {lines.join("\n")}
      </Code>
    </details>
  );
}
