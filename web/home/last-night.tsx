import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import { When } from "../ui/when.tsx";
import type { Home } from "./home.ts";

/** The last Nightly Sync in one line, with its report behind it. */
export function LastNight({ night }: { readonly night: Home["lastNight"] }) {
  return (
    <Section
      title="Last Nightly Sync"
      actions={
        <Anchor component={Link} to="/admin/nightly" fz="sm">
          All nights
        </Anchor>
      }
    >
      {night ? (
        <Line night={night} />
      ) : (
        <Text c="dimmed">No night so far. The first comes at the hour that Bridge Configuration says.</Text>
      )}
    </Section>
  );
}

function Line({ night }: { readonly night: NonNullable<Home["lastNight"]> }) {
  const { count } = useNumbers();
  const parts = [
    `${count(night.taken)} groups taken`,
    `${count(night.succeeded)} synced`,
    ...(night.failed > 0 ? [`${count(night.failed)} failed`] : []),
    ...(night.held > 0 ? [`${count(night.held)} held`] : []),
    ...(night.open > 0 ? [`${count(night.open)} to go`] : []),
  ];
  return (
    <Text component="div">
      <Anchor component={Link} to={`/admin/nightly/${night.id}`}>
        {parts.join(", ")}
      </Anchor>
      <Text size="sm" c="dimmed" component="div">
        Began <When at={night.startedAt} />
        {night.note && `. ${night.note}`}
      </Text>
    </Text>
  );
}
