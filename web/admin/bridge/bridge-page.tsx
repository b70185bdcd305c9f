import { Anchor, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { api, type Schema, toProblem } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { BridgeState } from "../../ui/bridge-state.tsx";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { TestConnection } from "../../ui/test-connection.tsx";
import { Connection } from "./connection.tsx";
import { Fields } from "./fields.tsx";
import { GuardAndNightly } from "./guard-and-nightly.tsx";
import { OperationMapping } from "./operation-mapping.tsx";
import { OptOut } from "./opt-out.tsx";
import { RefreshList } from "./refresh-list.tsx";
import { Writebacks } from "./writebacks.tsx";

const parts = [
  ["connection", "Connection"],
  ["target-groups", "Target Groups"],
  ["fields", "Personalization fields"],
  ["opt-out", "Opt-outs"],
  ["guard", "Guard and Nightly Sync"],
  ["mapping", "Advanced"],
  ["writebacks", "Writebacks"],
] as const;

/** Admin › Setup › Bridge Configuration: the connection to netFORUM Pro and everything set about it. */
export function BridgePage() {
  const bridge = api.useQuery("get", "/api/v1/bridge", {}, { retry: false });
  const mayChange = useMay("bridge:change");
  const [begun, setBegun] = useState(0);
  const reask = useReask("/bridge");
  const reload = () => void reask().then(() => setBegun(begun + 1));
  const isMissing = bridge.isError && toProblem(bridge.error).status === 404;
  return (
    <Page
      title="Bridge Configuration"
      about={`How Lockstep reads netFORUM Pro, and how careful it is.${mayChange ? "" : " An administrator changes it."}`}
    >
      {isMissing ? (
        <FirstConnection mayChange={mayChange} />
      ) : (
        <Loaded query={bridge} lines={12}>
          {(found) => <Configured key={begun} bridge={found} onReload={reload} />}
        </Loaded>
      )}
    </Page>
  );
}

interface ConfiguredProps {
  readonly bridge: Schema<"Bridge">;
  readonly onReload: () => void;
}

/** Everything that is set about a bridge. Its forms save one after another, each on top of what the others saved. */
function Configured({ bridge, onReload }: ConfiguredProps) {
  const mayChange = useMay("bridge:change");
  const [version, setVersion] = useState(bridge.version);
  const editing = { bridge, mayChange, version, onSaved: setVersion, onReload };
  return (
    <Stack gap="lg">
      <Group component="nav" aria-label="On this page" gap="md">
        {parts.map(([anchor, title]) => (
          <Anchor key={anchor} href={`#${anchor}`} fz="sm" lh="24px" py={2}>
            {title}
          </Anchor>
        ))}
      </Group>
      <BridgeState bridge={bridge} />
      <Section anchor="connection" title="Connection">
        <Connection {...editing} />
        <TestConnection />
      </Section>
      <RefreshList bridge={bridge} />
      <Fields />
      <OptOut {...editing} />
      <GuardAndNightly {...editing} />
      <OperationMapping {...editing} />
      <Writebacks />
    </Stack>
  );
}

function FirstConnection({ mayChange }: { readonly mayChange: boolean }) {
  if (!mayChange) {
    return (
      <Empty title="Not connected to netFORUM Pro yet">
        An administrator connects it here. Then target groups come by themselves.
      </Empty>
    );
  }
  return (
    <Section
      title="Connect netFORUM Pro"
      about="About five minutes. You need the address of its xWeb service, and the name and password of a user made for Lockstep there."
    >
      <Connection bridge={null} mayChange onReload={() => {}} />
    </Section>
  );
}
