import { Button, Group, Text } from "@mantine/core";
import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface PagerProps {
  /** The cursor of this page, from the address; undefined on the first. */
  readonly cursor: string | undefined;
  /** The next page's, null on the last. */
  readonly next: string | null;
  readonly onGo: (cursor: string | undefined) => void;
  /** How many there are, or what is shown. */
  readonly children?: ReactNode;
}

/** First, previous and next page of a list that the server cuts. The page stands in the address; previous is the browser's way back. */
export function Pager({ cursor, next, onGo, children }: PagerProps) {
  const router = useRouter();
  if (cursor === undefined && next === null) return children ? <Count>{children}</Count> : null;
  return (
    <Group component="nav" aria-label="Pages" justify="space-between" gap="sm" mt="sm">
      <Count>{children}</Count>
      <Group gap="xs">
        <Button variant="default" size="xs" disabled={cursor === undefined} onClick={() => onGo(undefined)}>
          First page
        </Button>
        <Button variant="default" size="xs" disabled={cursor === undefined} onClick={() => router.history.back()}>
          Previous
        </Button>
        <Button variant="default" size="xs" disabled={next === null} onClick={() => onGo(next ?? undefined)}>
          Next page
        </Button>
      </Group>
    </Group>
  );
}

function Count({ children }: { readonly children: ReactNode }) {
  return (
    <Text size="sm" c="dimmed" component="div" aria-live="polite">
      {children}
    </Text>
  );
}
