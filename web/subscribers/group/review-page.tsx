import { Alert, Anchor, Button, SimpleGrid, Text } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { heldSentence, nameOf, outcomeLine, type Sync } from "../../ui/sync-words.ts";
import { useTimes, When } from "../../ui/when.tsx";
import { Differences } from "./differences.tsx";
import { SizeOverTime } from "./size-over-time.tsx";

const route = getRouteApi("/shell/syncs/$syncId/review");

/** A held sync, or a dry run: who would come, go and change; applied or discarded here. (product 1.5, 1.9) */
export function ReviewPage() {
  const { syncId } = route.useParams();
  const story = api.useQuery("get", "/api/v1/syncs/{id}", { params: { path: { id: syncId } } });
  return (
    <Loaded query={story} lines={10} title="Review">
      {({ sync }) => <Review sync={sync} />}
    </Loaded>
  );
}

function Review({ sync }: { readonly sync: Sync }) {
  const numbers = useNumbers();
  const times = useTimes();
  const { count } = numbers;
  const isHeld = sync.state === "held";
  const trail = [
    { label: "Target Groups", to: "/target-groups" },
    ...(sync.groupId ? [{ label: nameOf(sync), to: `/target-groups/${sync.groupId}` }] : []),
  ];
  const after = sync.membersBefore + sync.added - sync.removed;
  const figures = [
    ["in the group now", count(sync.membersBefore)],
    ["would come", numbers.change(sync.added)],
    ["would go", numbers.change(-sync.removed)],
    ["would be in it then", count(after)],
  ];
  return (
    <Page
      title={isHeld ? `Held: ${nameOf(sync)}` : `Dry run: ${nameOf(sync)}`}
      trail={trail}
      about={
        <>
          Read <When at={sync.finishedAt ?? sync.progressAt} />, asked for by <bdi>{sync.requestedBy}</bdi>. Nothing was
          changed.
        </>
      }
      actions={isHeld && <Decide sync={sync} />}
    >
      {isHeld && (
        <Alert color="orange" title="Why it is held">
          {heldSentence(sync.heldReason ?? "")}
        </Alert>
      )}
      {!isHeld && !sync.isDryRun && (
        <Alert color="step" title="It was decided">
          {outcomeLine(sync, numbers, times)}
          {sync.decidedBy && (
            <>
              {" "}
              Decided by <bdi>{sync.decidedBy}</bdi>.
            </>
          )}{" "}
          <Anchor component={Link} to={`/syncs/${sync.id}`}>
            Look at the sync
          </Anchor>
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        <Section title="What it would do">
          <SimpleGrid cols={2} spacing="md">
            {figures.map(([word, figure]) => (
              <div key={word}>
                <Text fz="xl" fw={620} className="number">
                  {figure}
                </Text>
                <Text size="sm" c="dimmed">
                  {word}
                </Text>
              </div>
            ))}
          </SimpleGrid>
        </Section>
        {sync.groupId && <SizeOverTime groupId={sync.groupId} />}
      </SimpleGrid>
      {(isHeld || sync.isDryRun) && <Differences sync={sync} />}
    </Page>
  );
}

function Decide({ sync }: { readonly sync: Sync }) {
  const mayDecide = useMay("syncs:decide");
  const { count } = useNumbers();
  const onSettled = useReask("/syncs", "/target-groups", "/home");
  const apply = api.useMutation("post", "/api/v1/syncs/{id}/apply", { onSettled });
  const discard = api.useMutation("post", "/api/v1/syncs/{id}/discard", { onSettled });
  const params = { path: { id: sync.id } };
  if (!mayDecide) return <Text c="dimmed">An administrator applies or discards it.</Text>;
  return (
    <>
      <Button variant="default" loading={discard.isPending} onClick={() => discard.mutate({ params })}>
        Discard
      </Button>
      <Button color="#8a4b00" loading={apply.isPending} onClick={() => apply.mutate({ params })}>
        Apply: {count(sync.removed)} go, {count(sync.added)} come
      </Button>
      {apply.isError && <ProblemAlert error={apply.error} />}
      {discard.isError && <ProblemAlert error={discard.error} />}
    </>
  );
}
