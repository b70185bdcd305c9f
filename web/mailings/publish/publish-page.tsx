import { Alert, Anchor, Grid, Stack } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { getRouteApi, Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Page } from "../../ui/page.tsx";
import { Loaded } from "../../ui/states.tsx";
import { instanceWords } from "../instance/words.ts";
import { Arithmetic } from "./arithmetic.tsx";
import { Checklist } from "./checklist.tsx";
import { PublishForm } from "./publish-form.tsx";

const route = getRouteApi("/shell/mailings/$mailingId/publish");

/** Before a mailing goes out: what is well, whom it goes to, when, and one button that says the number. (product 4.2) */
export function PublishPage() {
  const { mailingId } = route.useParams();
  const mailing = api.useQuery("get", "/api/v1/mailings/{id}", { params: { path: { id: mailingId } } });
  return (
    <Loaded query={mailing} lines={10}>
      {(found) => <Publish mailing={found} />}
    </Loaded>
  );
}

function Publish({ mailing }: { readonly mailing: Schema<"Mailing"> }) {
  const mayPublish = useMay("mailings:publish");
  const params = { path: { id: mailing.id } };
  const checks = api.useQuery("get", "/api/v1/mailings/{id}/checks", { params });
  const audience = api.useQuery("get", "/api/v1/mailings/{id}/audience", { params });
  const latest = api.useQuery("get", "/api/v1/instances", { params: { query: { mailingId: mailing.id, limit: 1 } } });
  const [instance] = latest.data?.items ?? [];
  const open = instance && instance.state !== "sent" && instance.state !== "cancelled" ? instance : undefined;
  return (
    <Page
      title={`Publish: ${mailing.name}`}
      trail={[
        { label: "Mailings", to: "/mailings" },
        { label: mailing.name, to: `/mailings/${mailing.id}` },
      ]}
      about={mailing.subject === "" ? "It has no subject yet." : <bdi>{mailing.subject}</bdi>}
    >
      {open && (
        <Alert icon={<IconInfoCircle aria-hidden />} title="It is published already" variant="light">
          This mailing is under way: {instanceWords[open.state].word.toLowerCase()}.{" "}
          <Anchor component={Link} to={`/instances/${open.id}`}>
            Look at it
          </Anchor>
        </Alert>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, lg: 7 }}>
          <Stack gap="lg">
            <Loaded query={checks}>{(found) => <Checklist checks={found.items} />}</Loaded>
            <Loaded query={audience}>{(found) => <Arithmetic audience={found} />}</Loaded>
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 5 }}>
          {mayPublish && !open && (
            <Loaded query={audience}>
              {(counted) => (
                <Loaded query={checks}>
                  {(found) => (
                    <PublishForm
                      mailing={mailing}
                      audience={counted}
                      isReady={found.items.every(({ severity }) => severity !== "blocks")}
                    />
                  )}
                </Loaded>
              )}
            </Loaded>
          )}
          {!mayPublish && (
            <Alert icon={<IconInfoCircle aria-hidden />} title="A publisher sends it" variant="light">
              You may write mailings; somebody with the role of publisher or administrator publishes them.
            </Alert>
          )}
        </Grid.Col>
      </Grid>
    </Page>
  );
}
