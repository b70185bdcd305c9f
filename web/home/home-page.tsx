import { Grid, Stack } from "@mantine/core";
import { api } from "../api/client.ts";
import { Page } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { AudienceGrowth } from "./audience-growth.tsx";
import { BridgeHealth } from "./bridge-health.tsx";
import { FirstSteps } from "./first-steps.tsx";
import { FreshGroups } from "./fresh-groups.tsx";
import { LastNight } from "./last-night.tsx";
import { MailingsGlance } from "./mailings-glance.tsx";
import { RequiresAttention, requiresAttention } from "./requires-attention.tsx";
import { RunningNow } from "./running-now.tsx";

/** What requires attention, how the bridge is, what runs, how fresh the groups are, and how the audience grows. */
export function HomePage() {
  const home = api.useQuery("get", "/api/v1/home", {}, { refetchInterval: 30_000 });
  return (
    <Page title="Home">
      <Loaded query={home} lines={10}>
        {(found) => {
          const { freshness } = found;
          const counted = freshness.hour + freshness.day + freshness.week + freshness.older;
          if (found.bridge === null || counted === 0)
            return (
              <Stack gap="lg">
                {requiresAttention(found) && <RequiresAttention home={found} />}
                <FirstSteps home={found} />
              </Stack>
            );
          return (
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, lg: 7 }}>
                <Stack gap="lg">
                  <RequiresAttention home={found} />
                  <RunningNow home={found} />
                  <AudienceGrowth sizes={found.audience} />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 5 }}>
                <Stack gap="lg">
                  <BridgeHealth bridge={found.bridge} />
                  <MailingsGlance />
                  <FreshGroups freshness={freshness} />
                  <LastNight night={found.lastNight} />
                </Stack>
              </Grid.Col>
            </Grid>
          );
        }}
      </Loaded>
    </Page>
  );
}
