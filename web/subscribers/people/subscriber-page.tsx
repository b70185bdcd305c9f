import { Grid, Stack, Table, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Moment, When } from "../../ui/when.tsx";
import { Standing } from "../standing.tsx";
import { ChangeWish } from "./change-wish.tsx";
import { originWords } from "./event-words.ts";
import { GroupPeriods } from "./group-periods.tsx";
import { PersonTimeline } from "./person-timeline.tsx";
import { PersonalData } from "./personal-data.tsx";

const route = getRouteApi("/shell/subscribers/$subscriberId");
type Person = Schema<"SubscriberDetails">;

/** One person: how they stand and why, their values, their groups, and what happened to them. */
export function SubscriberPage() {
  const { subscriberId } = route.useParams();
  const id = Number(subscriberId);
  const person = api.useQuery("get", "/api/v1/subscribers/{id}", { params: { path: { id } } });
  return (
    <Loaded query={person} lines={10} title="Subscriber">
      {(found) =>
        found.erasedAt === null ? (
          <Page
            title={found.email}
            trail={[{ label: "Subscribers", to: "/subscribers" }]}
            about={
              <>
                <Standing standing={found.standing} /> Came <When at={found.createdAt} />, changed{" "}
                <When at={found.updatedAt} />.
              </>
            }
          >
            <Grid gap="lg">
              <Grid.Col span={{ base: 12, lg: 5 }}>
                <Stack gap="lg">
                  <Status person={found} />
                  <Values person={found} />
                  <PersonalData person={found} />
                </Stack>
              </Grid.Col>
              <Grid.Col span={{ base: 12, lg: 7 }}>
                <Stack gap="lg">
                  <GroupPeriods id={id} periods={found.groups} inAll={found.groupsInAll} />
                  <PersonTimeline id={id} />
                </Stack>
              </Grid.Col>
            </Grid>
          </Page>
        ) : (
          <ErasedPerson erasedAt={found.erasedAt} />
        )
      }
    </Loaded>
  );
}

/** What is left of somebody who asked for it: nothing that could name them. (product 2.6) */
function ErasedPerson({ erasedAt }: { readonly erasedAt: string }) {
  return (
    <Page title="Erased on request" trail={[{ label: "Subscribers", to: "/subscribers" }]}>
      <Section title="Nothing is kept of this person">
        <Text size="sm" component="div">
          The person was erased on request <Moment at={erasedAt} />. An empty row is left, so that the numbers of groups
          and reports stay true. It leaves its groups with their next syncs, and nobody is written to by it.
        </Text>
      </Section>
    </Page>
  );
}

/** Every source of a no, and who may lift it. (product 2.4) */
function Status({ person }: { readonly person: Person }) {
  const { doNotEmail, doNotEmailOrigin, unsubscribedAt, unsubscribeOrigin, unsubscribeReason, badEmailAt } = person;
  const isFree = !doNotEmail && unsubscribedAt === null && badEmailAt === null;
  return (
    <Section title="Status">
      {isFree && <Text size="sm">May be written to: nobody said no.</Text>}
      <Stack gap="sm">
        {doNotEmailOrigin === "ams" && (
          <Text size="sm">
            <b>Unsubscribed in netFORUM Pro.</b> The do-not-e-mail flag is set there, and only netFORUM Pro lifts it.
          </Text>
        )}
        {unsubscribedAt !== null && (
          <Text size="sm" component="div">
            <b>Unsubscribed here</b> {originWords[unsubscribeOrigin ?? ""] ?? ""} <Moment at={unsubscribedAt} />
            {unsubscribeReason && `: ${unsubscribeReason}`}. Only the person or an administrator lifts it, never a sync.
          </Text>
        )}
        {badEmailAt !== null && (
          <Text size="sm" component="div">
            <b>Bad e-mail</b> since <Moment at={badEmailAt} />: mail to this address came back. It is kept here, so no
            sync lifts it, only an administrator.
          </Text>
        )}
        {doNotEmailOrigin === "here" && (
          <Text size="sm" {...((unsubscribedAt || badEmailAt) && { c: "dimmed" })}>
            {unsubscribedAt || badEmailAt ? (
              "netFORUM Pro was told: the do-not-e-mail flag there came from here."
            ) : (
              <>
                <b>Taken back here, not in netFORUM Pro.</b> The do-not-e-mail flag there came from here. The person
                took the no back; only an administrator lifts the flag, too: resubscribe them.
              </>
            )}
          </Text>
        )}
      </Stack>
      <ChangeWish person={person} />
    </Section>
  );
}

function Values({ person }: { readonly person: Person }) {
  const fields = api.useQuery("get", "/api/v1/personalization-fields");
  const names = new Map(fields.data?.map(({ name, displayName }) => [name, displayName]));
  const rows = [
    ["E-mail address", person.email],
    ["Remote ID", person.remoteId ?? "— (came by upload)"],
    ...Object.entries(person.values).map(([name, value]) => [names.get(name) ?? name, value]),
  ];
  return (
    <Section
      title="Values"
      about="Only what an administrator chose to keep is here; the rest is read when a mailing is published."
    >
      <Table layout="fixed" verticalSpacing={7}>
        <Table.Tbody>
          {rows.map(([name = "", value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={500} c="dimmed" w="38%">
                <bdi>{name}</bdi>
              </Table.Th>
              <Table.Td>
                <bdi>{value || "—"}</bdi>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
