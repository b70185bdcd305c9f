import { Button, Group, List, Text, ThemeIcon } from "@mantine/core";
import { IconCheck, IconMinus, IconPlugConnected, IconX } from "@tabler/icons-react";
import { api, type Schema } from "../api/client.ts";
import { useMay } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { ProblemAlert } from "./states.tsx";

type Report = Schema<"CheckReport">;

const looks = {
  ok: { color: "step", Icon: IconCheck, word: "works" },
  failed: { color: "red", Icon: IconX, word: "failed" },
  skipped: { color: "gray", Icon: IconMinus, word: "not tried" },
} as const;

/** Tries the stored connection step by step, and says in plain words how far it came. */
export function TestConnection() {
  const mayTest = useMay("bridge:test");
  const onSettled = useReask("/bridge", "/home");
  const test = api.useMutation("post", "/api/v1/bridge/test", { onSettled });
  if (!mayTest) return null;
  return (
    <div style={{ marginTop: "1.5rem" }}>
      <Group>
        <Button
          variant="default"
          leftSection={<IconPlugConnected size={16} aria-hidden />}
          loading={test.isPending}
          onClick={() => test.mutate({})}
        >
          Test connection
        </Button>
        <Text size="sm" c="dimmed">
          Uses what is saved. Changes nothing in netFORUM Pro.
        </Text>
      </Group>
      {test.isError && <ProblemAlert error={test.error} />}
      <div role="status">{test.data && <Steps report={test.data} />}</div>
    </div>
  );
}

function Steps({ report }: { readonly report: Report }) {
  return (
    <>
      <Text fw={600} mt="md" mb="xs">
        {report.ok ? "The connection works." : "The connection does not work yet."}
      </Text>
      <List spacing="sm" center={false} listStyleType="none">
        {report.steps.map(({ title, outcome, message }) => {
          const { color, Icon, word } = looks[outcome];
          return (
            <List.Item
              key={title}
              icon={
                <ThemeIcon color={color} size={22} radius="xl" variant="light">
                  <Icon size={14} aria-label={word} />
                </ThemeIcon>
              }
            >
              <Text size="sm" fw={560}>
                {title}
              </Text>
              <Text size="sm" c="dimmed">
                {message}
              </Text>
            </List.Item>
          );
        })}
      </List>
    </>
  );
}
