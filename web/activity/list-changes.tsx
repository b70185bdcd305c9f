import { List, SimpleGrid, Text, Title } from "@mantine/core";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import type { Sync } from "../ui/sync-words.ts";

const kinds = [
  ["added", "New"],
  ["renamed", "Renamed"],
  ["missing", "Missing in netFORUM Pro"],
  ["revived", "Back again"],
] as const;
const shown = 50;

/** What a list sync did to the groups and the fields. Counts are never changed by it. (product 1.1) */
export function ListChanges({ sync }: { readonly sync: Sync }) {
  const { listChanges } = sync;
  if (!listChanges) return null;
  const parts = [
    ["Target groups", listChanges.groups],
    ["Personalization fields", listChanges.fields],
    ...(listChanges.optOutCategories ? [["Opt-out categories", listChanges.optOutCategories] as const] : []),
  ] as const;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      {parts.map(([title, changes]) => {
        const some = kinds.filter(([kind]) => changes[kind].length > 0);
        return (
          <Section key={title} title={title}>
            {some.length === 0 && <Text c="dimmed">Nothing new.</Text>}
            {some.map(([kind, word]) => (
              <Names key={kind} word={word} names={changes[kind]} all={changes.counts[kind]} />
            ))}
          </Section>
        );
      })}
    </SimpleGrid>
  );
}

interface NamesProps {
  readonly word: string;
  /** The first of them; `all` says how many there were. */
  readonly names: readonly string[];
  readonly all: number;
}

function Names({ word, names, all }: NamesProps) {
  const { count } = useNumbers();
  return (
    <>
      <Title order={3} size="h5" mt="xs">
        {word}: {count(all)}
      </Title>
      <List size="sm">
        {names.slice(0, shown).map((name) => (
          <List.Item key={name}>
            <bdi>{name}</bdi>
          </List.Item>
        ))}
      </List>
      {all > shown && (
        <Text size="sm" c="dimmed">
          … and {count(all - shown)} more.
        </Text>
      )}
    </>
  );
}
