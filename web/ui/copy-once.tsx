import { Alert, Button, Code, CopyButton, Group } from "@mantine/core";
import type { ReactNode } from "react";

interface CopyOnceProps {
  readonly title: string;
  readonly children: ReactNode;
  /** The secret itself: it is on the page once and nowhere after. */
  readonly value: string;
}

/** Something that is shown this once, to be copied. */
export function CopyOnce({ title, children, value }: CopyOnceProps) {
  return (
    <Alert color="step" title={title} role="status">
      {children}
      <Group mt="sm" gap="sm" align="center" wrap="wrap">
        <Code block style={{ flex: "1 1 16rem", whiteSpace: "normal" }}>
          {value}
        </Code>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
