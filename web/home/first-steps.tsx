import { Button, Stepper, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { SyncProgress } from "../ui/progress.tsx";
import { Section } from "../ui/section.tsx";
import { ProblemAlert } from "../ui/states.tsx";
import { TestConnection } from "../ui/test-connection.tsx";
import type { Home } from "./home.ts";

/** Which of the four steps is next: connect, test, first list, first sync. */
function stepOf({ bridge, freshness }: Home, isTested: boolean): number {
  if (bridge === null) return 0;
  if (freshness.never > 0) return 3;
  return isTested ? 2 : 1;
}

/** An account without counted groups is led to its first sync. */
export function FirstSteps({ home }: { readonly home: Home }) {
  const mayChange = useMay("bridge:change");
  const mayRequest = useMay("syncs:request");
  const reask = useReask("/home", "/folders", "/target-groups", "/bridge");
  const refresh = api.useMutation("post", "/api/v1/bridge/refresh", { onSettled: reask });
  const [running] = home.running;
  const active = stepOf(home, home.bridge?.listSyncedAt !== null || refresh.isSuccess);
  return (
    <Section title="Four steps to your first target group" about="About five minutes, most of them netFORUM Pro's.">
      <Stepper active={active} orientation="vertical" iconSize={34}>
        <Stepper.Step
          label="Connect netFORUM Pro"
          description={
            active === 0 && (
              <>
                <Text size="sm" mb="sm" maw="36rem">
                  Lockstep reads your queries and people by xWeb. You need its address, and a user made for Lockstep.
                </Text>
                {mayChange ? (
                  <Button component={Link} to="/admin/bridge">
                    Connect netFORUM Pro
                  </Button>
                ) : (
                  <Text size="sm">An administrator of your account does this.</Text>
                )}
              </>
            )
          }
        />
        <Stepper.Step
          label="Test the connection"
          description={
            active === 1 && (
              <>
                <Text size="sm">Each step is tried, and says in plain words what is wrong, if anything is.</Text>
                <TestConnection />
                {mayRequest && (
                  <Button
                    mt="md"
                    loading={refresh.isPending || running !== undefined}
                    onClick={() => refresh.mutate({})}
                  >
                    Refresh Target Group List
                  </Button>
                )}
                {refresh.isError && <ProblemAlert error={refresh.error} />}
              </>
            )
          }
        />
        <Stepper.Step
          label="Bring the list of target groups"
          description={active === 2 && "Each messaging job query becomes a target group. This takes some seconds."}
        />
        <Stepper.Step
          label="Sync your first group"
          description={
            active === 3 && (
              <>
                <Text size="sm" mb="sm" maw="36rem">
                  The list is here. Open a group and resync it: then its people and its count are here too.
                </Text>
                <Button component={Link} to="/target-groups">
                  Choose a group
                </Button>
              </>
            )
          }
        />
      </Stepper>
      {running && <SyncProgress sync={running} />}
    </Section>
  );
}
