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
import classes from "./tone-badge.module.css";

const signs: Record<Tone, ComponentType<IconProps>> = {
  quiet: IconClock,
  busy: IconRefresh,
  good: IconCheck,
  warn: IconHandStop,
  bad: IconAlertTriangle,
};

interface ToneBadgeProps {
  readonly tone: Tone;
  readonly sign?: ComponentType<IconProps>;
  readonly children: ReactNode;
}

/** A word with a sign and a colour: never the colour alone. */
export function ToneBadge({ tone, sign: Sign = signs[tone], children }: ToneBadgeProps) {
  return (
    <span className={`${classes.badge} ${classes[tone] ?? ""}`}>
      <Sign size={12} aria-hidden />
      {children}
    </span>
  );
}

/** A sync's state. */
export function StateBadge({ state }: { readonly state: SyncState }) {
  const { word, tone } = stateWords[state];
  return state === "cancelled" ? (
    <ToneBadge tone="quiet" sign={IconBan}>
      {word}
    </ToneBadge>
  ) : (
    <ToneBadge tone={tone}>{word}</ToneBadge>
  );
}
