import { Button, Group, Select, Text, UnstyledButton } from "@mantine/core";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { eventWords } from "../../notices/event-words.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Pager } from "../../ui/pager.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { DeliveryDrawer } from "./delivery-drawer.tsx";
import type { LogSearch } from "./routes.ts";
import { answerOf, type Delivery, DeliveryBadge, deliveryWords } from "./webhook-state.tsx";

const route = getRouteApi("/shell/admin/webhooks/$webhookId");

/** What was sent to a webhook, and what became of it. */
export function DeliveryLog({ webhook }: { readonly webhook: Schema<"Webhook"> }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { state, cursor } = search;
  const query = { limit: 50, ...(state && { state }), ...(cursor && { cursor }) };
  const deliveries = api.useQuery(
    "get",
    "/api/v1/webhooks/{id}/deliveries",
    { params: { path: { id: webhook.id }, query } },
    { placeholderData: keepPreviousData, refetchInterval: 10_000 },
  );
  const reask = useReask("/webhooks");
  const go = (to: LogSearch) => void navigate({ search: to, resetScroll: false });
  const filter = (to: LogSearch["state"]) => go(to === undefined ? {} : { state: to });
  const open = (event: string) => go({ ...search, event });
  const close = () => {
    const { event: _, ...kept } = search;
    go(kept);
  };
  return (
    <Section
      title="What was sent"
      about="The last 30 days. What fails is tried ten times over three days."
      actions={
        <Group gap="xs" align="end">
          <Select
            aria-label="State"
            size="xs"
            w="9rem"
            placeholder="All states"
            clearable
            data={Object.entries(deliveryWords).map(([value, { word }]) => ({ value, label: word }))}
            value={state ?? null}
            onChange={(value) => filter((value ?? undefined) as LogSearch["state"])}
          />
          <Button size="xs" variant="default" onClick={() => void reask()}>
            Look again
          </Button>
        </Group>
      }
    >
      <Loaded query={deliveries}>
        {({ items, next }) => (
          <div>
            <DataTable
              label="What was sent"
              columns={columnsOf(open)}
              rows={items}
              idOf={(delivery) => delivery.id}
              empty={
                <Empty title={state ? "Nothing is in that state" : "Nothing was sent yet"}>
                  {!state && "Send a test, or wait until something happens."}
                </Empty>
              }
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => go({ ...(state && { state }), ...(to && { cursor: to }) })}
            />
          </div>
        )}
      </Loaded>
      <DeliveryDrawer webhook={webhook} deliveryId={search.event} onClose={close} />
    </Section>
  );
}

function columnsOf(open: (id: string) => void): readonly Column<Delivery>[] {
  return [
    {
      id: "type",
      header: "Event",
      cell: (delivery) => (
        <UnstyledButton
          onClick={() => open(delivery.id)}
          fz="inherit"
          td="underline"
          style={{ textUnderlineOffset: 3 }}
        >
          {eventWords[delivery.type]}
        </UnstyledButton>
      ),
    },
    { id: "state", header: "State", cell: (delivery) => <DeliveryBadge delivery={delivery} /> },
    { id: "at", header: "Happened", cell: (delivery) => <When at={delivery.at} /> },
    { id: "tries", header: "Tries", kind: "number", from: "sm", cell: (delivery) => delivery.tries },
    {
      id: "answer",
      header: "Last answer",
      from: "sm",
      cell: (delivery) => (
        <Text inherit lineClamp={1} title={delivery.error ?? ""}>
          {answerOf(delivery)}
        </Text>
      ),
    },
    {
      id: "duration",
      header: "Took",
      kind: "number",
      from: "md",
      cell: ({ durationMs }) => (durationMs === null ? "" : `${durationMs} ms`),
    },
    {
      id: "due",
      header: "Next try",
      from: "md",
      cell: (delivery) => (delivery.state === "waiting" ? <When at={delivery.dueAt} isAhead /> : ""),
    },
  ];
}
