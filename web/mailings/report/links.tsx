import { Anchor, Button, Group, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { useNumbers } from "../../ui/numbers.ts";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import classes from "./report.module.css";
import { shareOf } from "./words.ts";

interface LinkRow {
  readonly place: number;
  readonly url: string;
  readonly label: string;
  readonly clicks: number;
  readonly people: number;
}

/** Which links were clicked, by how many people. */
export function Links({ instanceId, clicked }: { readonly instanceId: string; readonly clicked: number }) {
  const { count } = useNumbers();
  const [isMap, setIsMap] = useState(false);
  const found = api.useQuery("get", "/api/v1/instances/{id}/report/links", {
    params: { path: { id: instanceId } },
  });
  const columns: readonly Column<LinkRow>[] = [
    {
      id: "link",
      header: "Link",
      cell: ({ label, url }) => (
        <div style={{ minWidth: 0, maxWidth: "26rem" }}>
          <Text size="sm" fw={560} lineClamp={2}>
            <bdi>{label || url}</bdi>
          </Text>
          <Anchor href={url} target="_blank" rel="noreferrer" size="xs" c="dimmed" style={{ wordBreak: "break-all" }}>
            <bdi>{url.length > 90 ? `${url.slice(0, 90)}…` : url}</bdi>
          </Anchor>
        </div>
      ),
    },
    {
      id: "bar",
      header: <span style={{ fontSize: 0 }}>Share of all who clicked</span>,
      from: "sm",
      width: "30%",
      cell: ({ people }) => (
        <span className={classes.track} aria-hidden>
          <span className={classes.bar} style={{ width: `${Math.min(100, shareOf(people, clicked) * 100)}%` }} />
        </span>
      ),
    },
    { id: "people", header: "People", kind: "number", cell: ({ people }) => count(people) },
    { id: "clicks", header: "Clicks", kind: "number", from: "xs", cell: ({ clicks }) => count(clicks) },
  ];
  return (
    <Section
      title="Links"
      about="Where people clicked; one who clicked several counts in each."
      actions={
        <Group gap="xs">
          <Button size="xs" variant="default" aria-expanded={isMap} onClick={() => setIsMap(!isMap)}>
            {isMap ? "Hide the mail" : "Show on the mail"}
          </Button>
          <Download href={`/api/v1/instances/${instanceId}/report/links.csv`} what="links" />
        </Group>
      }
    >
      {isMap && <LinkMap instanceId={instanceId} />}
      <Loaded query={found} lines={4}>
        {({ items }) => (
          <DataTable
            label="Links"
            columns={columns}
            rows={items}
            idOf={({ place }) => String(place)}
            empty={<Empty title="No tracked links">The mailing has none.</Empty>}
          />
        )}
      </Loaded>
    </Section>
  );
}

/** The mail as it was sent, with people and their share of all who clicked behind each link; the table says the same. */
function LinkMap({ instanceId }: { readonly instanceId: string }) {
  return (
    <figure className={classes.map}>
      <iframe
        title="The mail, with the clicks of each link"
        sandbox=""
        src={`/api/v1/instances/${instanceId}/report/link-map.html`}
      />
      <Text component="figcaption" size="sm" c="dimmed">
        Behind each link: people who clicked it, and their share of all who clicked. Values of persons are left out.
      </Text>
    </figure>
  );
}

/** A list as a file, for who may take lists out. */
export function Download({ href, what }: { readonly href: string; readonly what: string }) {
  const { permissions } = useMe();
  if (!permissions.includes("subscribers:export")) return null;
  return (
    <Button
      component="a"
      href={href}
      download
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
    >
      Export {what} (CSV)
    </Button>
  );
}
