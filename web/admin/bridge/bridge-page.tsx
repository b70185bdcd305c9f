import { Anchor, Stack } from "@mantine/core";
import { useState } from "react";
import { api, toProblem } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { BridgeState } from "../../ui/bridge-state.tsx";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { TestConnection } from "../../ui/test-connection.tsx";
import { Connection } from "./connection.tsx";
import { Fields } from "./fields.tsx";
import { GuardAndNightly } from "./guard-and-nightly.tsx";
import { OperationMapping } from "./operation-mapping.tsx";
import { RefreshList } from "./refresh-list.tsx";

const parts = [
  ["connection", "Connection"],
  ["target-groups", "Target Groups"],
  ["fields", "Personalization fields"],
  ["guard", "Guard and Nightly Sync"],
  ["mapping", "Advanced"],
  ["writebacks", "Writebacks"],
] as const;

/** Admin › Setup › Bridge Configuration: the connection to netFORUM Pro and everything set about it. */
export function BridgePage() {
  const bridge = api.useQuery("get", "/api/v1/bridge", {}, { retry: false });
  const mayChange = useMay("bridge:change");
  const [begun, setBegun] = useState(0);
  const reload = () => void bridge.refetch().then(() => setBegun(begun + 1));
  const isMissing = bridge.isError && toProblem(bridge.error).status === 404;
  return (
    <Page title="Bridge Configuration" about="How Lockstep reads netFORUM Pro, and how careful it is.">
      {isMissing ? (
        <FirstConnection mayChange={mayChange} />
      ) : (
        <Loaded query={bridge} lines={12}>
          {(found) => (
            <Stack gap="lg">
              <nav aria-label="On this page">
                {parts.map(([anchor, title]) => (
                  <Anchor key={anchor} href={`#${anchor}`} fz="sm" me="md">
                    {title}
                  </Anchor>
                ))}
              </nav>
              <BridgeState bridge={found} />
              <Section anchor="connection" title="Connection">
                <Connection key={`connection ${begun}`} bridge={found} mayChange={mayChange} onReload={reload} />
                <TestConnection />
              </Section>
              <RefreshList bridge={found} />
              <Fields />
              <GuardAndNightly key={`guard ${begun}`} bridge={found} mayChange={mayChange} onReload={reload} />
              <OperationMapping mayChange={mayChange} />
              <Section
                anchor="writebacks"
                title="Writebacks"
                about="What goes back to netFORUM Pro: unsubscribes and bad e-mail addresses."
              >
                <Empty title="Nothing to write back">
                  Unsubscribes made here are kept here. Sending them on to netFORUM Pro comes with mailings.
                </Empty>
              </Section>
            </Stack>
          )}
        </Loaded>
      )}
    </Page>
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
