import { List, Text, ThemeIcon } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconX } from "@tabler/icons-react";
import type { Schema } from "../../api/client.ts";
import { Section } from "../../ui/section.tsx";

type Check = Schema<"Check">;

const looks = {
  ok: { color: "step", Icon: IconCheck, said: "Well:" },
  warning: { color: "orange", Icon: IconAlertTriangle, said: "Look at it:" },
  blocks: { color: "red", Icon: IconX, said: "Must be mended:" },
} as const;

const order: readonly Check["severity"][] = ["blocks", "warning", "ok"];

/** What is well, what should be looked at, and what must be mended first. */
export function Checklist({ checks }: { readonly checks: readonly Check[] }) {
  const sorted = order.flatMap((severity) => checks.filter((check) => check.severity === severity));
  const blocking = checks.filter(({ severity }) => severity === "blocks").length;
  return (
    <Section
      title="Checklist"
      about={blocking === 0 ? "It is ready to go out." : "It can't go out before what is marked red is mended."}
    >
      <List spacing="sm" center={false} listStyleType="none">
        {sorted.map(({ code, severity, message, wayOut }) => {
          const { color, Icon, said } = looks[severity];
          return (
            <List.Item
              key={`${code} ${message}`}
              icon={
                <ThemeIcon color={color} size={20} radius="xl" autoContrast role="img" aria-label={said}>
                  <Icon size={13} aria-hidden />
                </ThemeIcon>
              }
            >
              <Text size="sm">{message}</Text>
              {severity !== "ok" && wayOut && (
                <Text size="sm" c="dimmed">
                  {wayOut}
                </Text>
              )}
            </List.Item>
          );
        })}
      </List>
    </Section>
  );
}
