import { Alert, Progress, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Moment, useTimes } from "../../ui/when.tsx";
import { runWords } from "./run-words.ts";
import { Verdicts } from "./verdicts.tsx";

const route = getRouteApi("/shell/admin/nightly/$runId");
const ended = ["succeeded", "failed", "cancelled", "held"];

/** One night: which groups were taken and which not, why, and what became of them. */
export function RunPage() {
  const { runId } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const times = useTimes();
  const { count, duration } = useNumbers();
  const run = api.useQuery(
    "get",
    "/api/v1/nightly-runs/{id}",
    { params: { path: { id: runId } } },
    { refetchInterval: ({ state }) => (state.data && state.data.state !== "done" ? 2000 : false) },
  );
  return (
    <Loaded query={run} lines={10} title="Nightly Sync">
      {(found) => {
        const { word, tone } = runWords[found.state];
        const taken = found.verdicts.filter((verdict) => verdict.isTaken);
        const done = taken.filter(({ state }) => state !== null && ended.includes(state)).length;
        return (
          <Page
            title={`Night of ${times.date(`${found.localDate}T12:00:00Z`)}`}
            trail={[{ label: "Nightly Sync", to: "/admin/nightly" }]}
            about={
              <>
                <ToneBadge tone={tone}>{word}</ToneBadge> Began <Moment at={found.startedAt} />, by{" "}
                <bdi>{found.causedBy}</bdi>
                {found.finishedAt && `; took ${duration(Date.parse(found.finishedAt) - Date.parse(found.startedAt))}`}.
              </>
            }
          >
            {found.note && <Alert color="orange">{found.note}</Alert>}
            {found.state !== "done" && taken.length > 0 && (
              <div>
                <Progress value={(done / taken.length) * 100} aria-label="Groups synced" mb={6} />
                <Text size="sm" className="number">
                  {count(done)} of {count(taken.length)} groups
                </Text>
              </div>
            )}
            <Verdicts
              verdicts={found.verdicts}
              search={search}
              onGo={(to) => void navigate({ search: to, resetScroll: false })}
            />
          </Page>
        );
      }}
    </Loaded>
  );
}
