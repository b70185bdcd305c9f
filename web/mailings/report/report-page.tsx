import { Button, Grid, Group, Stack } from "@mantine/core";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { Page } from "../../ui/page.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { CategoryNote } from "../instance/category-note.tsx";
import { instanceWords, isMoving } from "../instance/words.ts";
import { Answers } from "./answers.tsx";
import { Compare, Domains, Groups } from "./breakdowns.tsx";
import { Funnel } from "./funnel.tsx";
import { Headline } from "./headline.tsx";
import { HeldBounces } from "./held-bounces.tsx";
import { Links } from "./links.tsx";
import { OverTime } from "./over-time.tsx";
import type { Report } from "./words.ts";

const route = getRouteApi("/shell/instances/$instanceId/report");

/** What came of a publishing: numbers first, then how, where, by whom, and beside the last five. (product 4.6) */
export function ReportPage() {
  const { instanceId } = route.useParams();
  const report = api.useQuery(
    "get",
    "/api/v1/instances/{id}/report",
    { params: { path: { id: instanceId } } },
    { refetchInterval: ({ state }) => (state.data && isMoving(state.data.instance.state) ? 5000 : 60_000) },
  );
  return (
    <Loaded query={report} lines={12}>
      {(found) => <OneReport key={instanceId} report={found} />}
    </Loaded>
  );
}

function OneReport({ report }: { readonly report: Report }) {
  const { permissions } = useMe();
  const { instance, totals } = report;
  const { id } = instance;
  const { word, tone } = instanceWords[instance.state];
  return (
    <Page
      title={`Report: ${instance.name}`}
      trail={[
        { label: "Mailings", to: "/mailings" },
        { label: "Publishing", to: `/instances/${id}` },
      ]}
      about={
        <Group gap={8}>
          <ToneBadge tone={tone}>{word}</ToneBadge>
          {instance.sendingAt !== null && (
            <span>
              Sending began <When at={instance.sendingAt} />, published by <bdi>{instance.publishedBy}</bdi>
            </span>
          )}
          <CategoryNote instance={instance} />
        </Group>
      }
      actions={
        <Button component={Link} to={`/instances/${id}`} variant="default">
          Steps
        </Button>
      }
    >
      {instance.sendingAt === null ? (
        <Empty title="Nothing was sent yet">The report begins with the first mail.</Empty>
      ) : (
        <Stack gap="lg">
          <HeldBounces instanceId={id} />
          <Headline report={report} />
          <Grid gap="lg">
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Funnel report={report} />
            </Grid.Col>
            <Grid.Col span={{ base: 12, lg: 6 }}>
              <Stack gap="lg">
                <OverTime tracking={instance.openTracking} />
                <Links instanceId={id} clicked={totals.clicked} />
              </Stack>
            </Grid.Col>
          </Grid>
          <Compare instanceId={id} />
          <Groups instanceId={id} />
          <Domains instanceId={id} />
          {permissions.includes("subscribers:read") && <Answers isByPerson={instance.openTracking === "person"} />}
        </Stack>
      )}
    </Page>
  );
}
