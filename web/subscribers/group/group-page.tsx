import { Alert, Box, Button, Grid, Stack, Tabs } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle, IconPencil, IconUpload } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Later } from "../../ui/later.tsx";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { heldSentence, isOpen, type Sync } from "../../ui/sync-words.ts";
import { When } from "../../ui/when.tsx";
import { CompoundDetails } from "../compound/compound-details.tsx";
import { CountChain } from "./count-chain.tsx";
import { GroupSyncs } from "./group-syncs.tsx";
import { GuardSettings } from "./guard-settings.tsx";
import { LastDifference } from "./last-difference.tsx";
import { NightlyVerdict } from "./nightly-verdict.tsx";
import { OpenSync } from "./open-sync.tsx";
import { People } from "./people.tsx";
import { groupQuery, groupSyncsQuery } from "./queries.ts";
import { ResyncButtons } from "./resync-buttons.tsx";
import { SizeOverTime } from "./size-over-time.tsx";
import { UsedIn } from "./used-in.tsx";
import { Why } from "./why.tsx";

const route = getRouteApi("/shell/target-groups/$groupId");

/** Count Details: how the group's number came about, who is behind each step, and how to bring it in step. (product 1.6) */
export function GroupPage() {
  const { groupId } = route.useParams();
  const group = useQuery(groupQuery(groupId));
  const syncs = useQuery({
    ...groupSyncsQuery(groupId),
    refetchInterval: ({ state }) => (state.data?.items.some((sync) => isOpen(sync.state)) ? 1500 : false),
  });
  return (
    <Loaded query={group} lines={10} title="Target group">
      {(found) => <Details group={found} syncs={syncs.data?.items ?? []} />}
    </Loaded>
  );
}

interface DetailsProps {
  readonly group: Schema<"TargetGroupDetails">;
  readonly syncs: readonly Sync[];
}

function Details({ group, syncs }: DetailsProps) {
  const open = syncs.find((sync) => isOpen(sync.state));
  const held = syncs.find((sync) => sync.state === "held");
  const last = syncs.find((sync) => !sync.isDryRun && !isOpen(sync.state) && sync.state !== "cancelled");
  const isBridgeGroup = group.kind === "bridge";
  if (group.kind === "compound") return <Compound group={group} />;
  return (
    <Page
      title={group.name}
      trail={[{ label: "Target Groups", to: "/target-groups" }]}
      about={<CountState group={group} />}
      actions={isBridgeGroup ? <ResyncButtons groupId={group.id} openSync={open} /> : <UploadAgain group={group} />}
    >
      <Notices group={group} held={held} last={last} />
      {open && <OpenSync sync={open} />}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Section
            title="Count Details"
            about={
              isBridgeGroup
                ? "Every record of netFORUM Pro's query, and where it goes. Each number opens its people."
                : "Every row of the files that were uploaded, and where it goes. Each number opens its people."
            }
          >
            <CountChain group={group} />
          </Section>
          <Later>
            <Box mt="lg">
              <Why group={group} />
            </Box>
          </Later>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Stack gap="lg">
            <LastDifference syncs={syncs} />
            <SizeOverTime groupId={group.id} />
            {isBridgeGroup && <NightlyVerdict groupId={group.id} />}
          </Stack>
        </Grid.Col>
      </Grid>
      <Later>
        <BelowTheChain group={group} />
      </Later>
    </Page>
  );
}

/** A static group's people come by files. (product 3.3) */
function UploadAgain({ group }: { readonly group: Schema<"TargetGroup"> }) {
  const mayChange = useMay("target-groups:change");
  if (!mayChange) return null;
  return (
    <Button
      component={Link}
      to={`/target-groups/upload?group=${group.id}`}
      leftSection={<IconUpload size={16} aria-hidden />}
    >
      Upload a list
    </Button>
  );
}

/** A compound group has no chain and no syncs of its own: it is its parts. (product 3.1) */
function Compound({ group }: { readonly group: Schema<"TargetGroupDetails"> }) {
  const mayChange = useMay("target-groups:change");
  return (
    <Page
      title={group.name}
      trail={[{ label: "Target Groups", to: "/target-groups" }]}
      about="Compound group: computed from its parts whenever it is looked at."
      actions={
        mayChange && (
          <Button component={Link} to={`/target-groups/${group.id}/compose`} leftSection={<IconPencil size={16} />}>
            Change it
          </Button>
        )
      }
    >
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <CompoundDetails groupId={group.id} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          <Why group={group} />
        </Grid.Col>
      </Grid>
      <BelowTheChain group={group} />
    </Page>
  );
}

function CountState({ group }: { readonly group: Schema<"TargetGroup"> }) {
  if (group.countState === "not_yet_counted" && group.kind === "static")
    return <>Not yet counted: no file was imported so far.</>;
  if (group.countState === "not_yet_counted") return <>Not yet counted: no subscriber sync has succeeded so far.</>;
  return (
    <>
      Counted <When at={group.countedAt} />
      {group.countState === "error" && ", and the last sync failed since"}.
    </>
  );
}

interface NoticesProps {
  readonly group: Schema<"TargetGroup">;
  readonly held: Sync | undefined;
  readonly last: Sync | undefined;
}

/** What keeps the group from being in step, and the way out. */
function Notices({ group, held, last }: NoticesProps) {
  const mayDecide = useMay("syncs:decide");
  return (
    <>
      {group.missingSince !== null && (
        <Alert color="orange" icon={<IconInfoCircle aria-hidden />} title="Missing in netFORUM Pro">
          Its query vanished from netFORUM Pro <When at={group.missingSince} />. The people stay as they were last read;
          it comes back by itself if the query does.
        </Alert>
      )}
      {held && (
        <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="Held: nothing was changed" role="alert">
          {heldSentence(held.heldReason ?? "")}{" "}
          {mayDecide
            ? "Look at who would come and go, then apply or discard it."
            : "An administrator applies or discards it."}
          <div>
            <Button component={Link} to={`/syncs/${held.id}/review`} size="xs" mt="sm" variant="default">
              Review who would come and go
            </Button>
          </div>
        </Alert>
      )}
      {last?.state === "failed" && (
        <Alert
          color="red"
          icon={<IconAlertTriangle aria-hidden />}
          title={group.kind === "static" ? "The last upload failed" : "The last sync failed"}
          role="alert"
        >
          {last.errorMessage} {group.countedAt !== null && "The group still shows what was read last."}
          <div>
            <Button component={Link} to={`/syncs/${last.id}`} size="xs" mt="sm" variant="default">
              What happened
            </Button>
          </div>
        </Alert>
      )}
    </>
  );
}

/** People, syncs, uses and settings; which one is open stands in the address. */
function BelowTheChain({ group }: { readonly group: Schema<"TargetGroup"> }) {
  const { tab = "people" } = route.useSearch();
  const navigate = route.useNavigate();
  const mayGuard = useMay("guard:change");
  const isBridgeGroup = group.kind === "bridge";
  return (
    <Tabs
      value={tab}
      keepMounted={false}
      onChange={(value) =>
        void navigate({ search: value === "people" ? {} : { tab: value as typeof tab }, resetScroll: false })
      }
    >
      <Tabs.List>
        <Tabs.Tab value="people">People</Tabs.Tab>
        {group.kind !== "compound" && <Tabs.Tab value="syncs">{isBridgeGroup ? "Syncs" : "Uploads"}</Tabs.Tab>}
        <Tabs.Tab value="used">Where used</Tabs.Tab>
        {isBridgeGroup && <Tabs.Tab value="settings">Guard</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="people" pt="md">
        <People groupId={group.id} kind={group.kind} />
      </Tabs.Panel>
      <Tabs.Panel value="syncs" pt="md">
        <GroupSyncs group={group} />
      </Tabs.Panel>
      <Tabs.Panel value="used" pt="md">
        <UsedIn groupId={group.id} />
      </Tabs.Panel>
      <Tabs.Panel value="settings" pt="md">
        <GuardSettings group={group} mayChange={mayGuard} />
      </Tabs.Panel>
    </Tabs>
  );
}
