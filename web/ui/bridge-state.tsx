import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Schema } from "../api/client.ts";
import { ToneBadge } from "./state-badge.tsx";
import { When } from "./when.tsx";

/** How the bridge is, with a sentence: active, switched off, refused, or waiting after failures. */
export function BridgeState({ bridge }: { readonly bridge: Pick<Schema<"Bridge">, "isActive" | "health"> }) {
  const { needsAttentionSince, needsAttentionReason, failuresInARow, probeAt } = bridge.health;
  if (needsAttentionSince !== null) {
    return (
      <Alert
        color="red"
        icon={<IconAlertTriangle aria-hidden />}
        title="netFORUM Pro refuses the credentials"
        role="alert"
      >
        {needsAttentionReason} Since <When at={needsAttentionSince} /> nothing calls it any more, so that the user isn't
        locked out. Save the right user name and password in Bridge Configuration, then test the connection.
      </Alert>
    );
  }
  if (!bridge.isActive) {
    return (
      <Line tone="quiet" word="Switched off">
        Nothing calls netFORUM Pro. Target groups stay as they were last read.
      </Line>
    );
  }
  if (probeAt !== null) {
    return (
      <Line tone="warn" word="Paused">
        {failuresInARow} syncs in a row got no answer. It is tried again <When at={probeAt} isAhead />; a connection
        test that works ends the pause.
      </Line>
    );
  }
  return (
    <Line tone="good" word="Works">
      {failuresInARow === 0
        ? "netFORUM Pro answers."
        : `The last ${failuresInARow} syncs got no answer; it is tried again with the next.`}
    </Line>
  );
}

function Line(props: {
  readonly tone: "good" | "warn" | "quiet";
  readonly word: string;
  readonly children: ReactNode;
}) {
  return (
    <Text size="sm" component="div" style={{ display: "flex", gap: "0.6rem", alignItems: "center", flexWrap: "wrap" }}>
      <ToneBadge tone={props.tone}>{props.word}</ToneBadge>
      <span>{props.children}</span>
    </Text>
  );
}
