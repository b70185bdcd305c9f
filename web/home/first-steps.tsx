import { Button, Group, Text, Timeline } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { SyncProgress } from "../ui/progress.tsx";
import { Section } from "../ui/section.tsx";
import { ProblemAlert } from "../ui/states.tsx";
import { TestConnection } from "../ui/test-connection.tsx";
import classes from "./home.module.css";
import type { Home } from "./home.ts";

const steps = [
  ["Connect netFORUM Pro", Connect],
  ["Test the connection and bring the list", TestAndList],
  ["Sync your first group", ChooseGroup],
] as const;

/** Which step is next: connect, test and list, first sync. */
function stepOf({ bridge, freshness }: Home): number {
  if (bridge === null) return 0;
  return freshness.never > 0 ? 2 : 1;
}

/** An account without counted groups is led to its first sync. */
export function FirstSteps({ home }: { readonly home: Home }) {
  const active = stepOf(home);
  return (
    <Section title="Your first target group" about="Three steps, about five minutes, most of them netFORUM Pro's.">
      <Timeline active={active} bulletSize={30} lineWidth={2} component="ol" pl={15}>
        {steps.map(([title, Step], at) => (
          <Timeline.Item
            key={title}
            component="li"
            className={classes.step ?? ""}
            title={title}
            bullet={at < active ? <IconCheck size={16} aria-label="done" /> : <Text size="sm">{at + 1}</Text>}
            {...(at === active && { "aria-current": "step" as const })}
          >
            {at === active && <Step home={home} />}
          </Timeline.Item>
        ))}
      </Timeline>
    </Section>
  );
}

function Saying({ children }: { readonly children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" maw="36rem" mb="sm">
      {children}
    </Text>
  );
}

function Connect({ home }: { readonly home: Home }) {
  const mayChange = useMay("bridge:change");
  const onSettled = useReask("/home", "/bridge");
  const sample = api.useMutation("post", "/api/v1/bridge/sample", { onSettled });
  return (
    <>
      <Saying>
        Lockstep reads your queries and people by xWeb. You need its address, and a user made for Lockstep there.
      </Saying>
      {mayChange ? (
        <Group gap="sm">
          <Button component={Link} to="/admin/bridge">
            Connect netFORUM Pro
          </Button>
          {home.isSampleOffered && (
            <Button variant="default" loading={sample.isPending} onClick={() => sample.mutate({})}>
              Try it with sample data
            </Button>
          )}
        </Group>
      ) : (
        <Text size="sm">An administrator of your account does this.</Text>
      )}
      {mayChange && home.isSampleOffered && (
        <Text size="xs" c="dimmed" mt="xs" maw="36rem">
          Sample data are made-up people of a simulated netFORUM Pro, for looking around. To begin in earnest, connect
          your own under Bridge Configuration: the sample groups are then marked missing, and can be deleted.
        </Text>
      )}
      {sample.isError && <ProblemAlert error={sample.error} />}
    </>
  );
}

function TestAndList({ home }: { readonly home: Home }) {
  const mayRefresh = useMay("list:refresh");
  const onSettled = useReask("/home", "/folders", "/target-groups", "/bridge");
  const refresh = api.useMutation("post", "/api/v1/bridge/refresh", { onSettled });
  const [running] = home.running;
  return (
    <>
      <Saying>
        The test tries each step and says in plain words what is wrong, if anything is. Then each messaging job query
        becomes a target group here; that takes some seconds.
      </Saying>
      <TestConnection />
      {mayRefresh && (
        <Button
          mt="md"
          loading={refresh.isPending || running !== undefined || home.waiting > 0}
          onClick={() => refresh.mutate({})}
        >
          Refresh Target Group List
        </Button>
      )}
      {refresh.isError && <ProblemAlert error={refresh.error} />}
      {running && <SyncProgress sync={running} />}
    </>
  );
}

function ChooseGroup({ home }: { readonly home: Home }) {
  const [running] = home.running;
  return (
    <>
      <Saying>The list is here. Open a group and resync it: then its people and its count are here too.</Saying>
      <Button component={Link} to="/target-groups">
        Choose a group
      </Button>
      {running && <SyncProgress sync={running} />}
    </>
  );
}
