import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { BridgeState } from "../ui/bridge-state.tsx";
import { Section } from "../ui/section.tsx";
import { When } from "../ui/when.tsx";
import type { Home } from "./home.ts";

/** How the connection to netFORUM Pro is, in a sentence. */
export function BridgeHealth({ bridge }: { readonly bridge: NonNullable<Home["bridge"]> }) {
  return (
    <Section
      title="Bridge to netFORUM Pro"
      actions={
        <Anchor component={Link} to="/admin/bridge" fz="sm">
          Bridge Configuration
        </Anchor>
      }
    >
      <BridgeState bridge={bridge} />
      <Text size="sm" c="dimmed" mt="xs" component="div">
        Target group list refreshed <When at={bridge.listSyncedAt} />.
      </Text>
    </Section>
  );
}
