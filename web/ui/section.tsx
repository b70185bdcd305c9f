import { Card, Group, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";

interface SectionProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** The address of this section on its page: `#guard`. */
  readonly anchor?: string;
}

/** A part of a page with a heading of its own. */
export function Section({ title, about, actions, children, anchor }: SectionProps) {
  const heading = useId();
  return (
    <Card component="section" aria-labelledby={heading} id={anchor}>
      <Group justify="space-between" align="start" mb="md" gap="sm">
        <div style={{ minWidth: 0, flex: about ? "1 1 16rem" : "1 1 auto" }}>
          <Title order={2} id={heading}>
            {title}
          </Title>
          {about && (
            <Text c="dimmed" size="sm" mt={2} component="div">
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Card>
  );
}
