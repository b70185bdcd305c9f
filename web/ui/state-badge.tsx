import { Badge } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBan,
  IconCheck,
  IconClock,
  IconHandStop,
  type IconProps,
  IconRefresh,
} from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { type SyncState, stateWords, type Tone } from "./sync-words.ts";

const looks: Record<Tone, { readonly color: string; readonly Icon: ComponentType<IconProps> }> = {
  quiet: { color: "gray", Icon: IconClock },
  busy: { color: "blue", Icon: IconRefresh },
  good: { color: "step", Icon: IconCheck },
  warn: { color: "orange", Icon: IconHandStop },
  bad: { color: "red", Icon: IconAlertTriangle },
};

/** A word with a sign and a colour: never the colour alone. */
export function ToneBadge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  const { color, Icon } = looks[tone];
  return (
    <Badge
      color={color}
      autoContrast
      leftSection={<Icon size={12} aria-hidden />}
      style={{ flexShrink: 0, minWidth: "max-content" }}
    >
      {children}
    </Badge>
  );
}

/** A sync's state. */
export function StateBadge({ state }: { readonly state: SyncState }) {
  const { word, tone } = stateWords[state];
  if (state !== "cancelled") return <ToneBadge tone={tone}>{word}</ToneBadge>;
  return (
    <Badge color="gray" leftSection={<IconBan size={12} aria-hidden />} style={{ minWidth: "max-content" }}>
      {word}
    </Badge>
  );
}
