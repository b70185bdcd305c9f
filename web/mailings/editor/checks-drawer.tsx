import { Button, Drawer, Group, Stack, Text, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Loaded } from "../../ui/states.tsx";
import type { Check, Mailing } from "../mailing.ts";
import classes from "./editor.module.css";

interface Props {
  readonly mailing: Mailing;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

const signs = {
  blocks: { Icon: IconCircleX, color: "var(--ls-bad)", word: "To do" },
  warning: { Icon: IconAlertTriangle, color: "var(--ls-warn)", word: "To look at" },
  ok: { Icon: IconCircleCheck, color: "var(--ls-good)", word: "Well" },
} as const;
const order = ["blocks", "warning", "ok"] as const;

/** What is looked at before publishing, each with its way out: first what blocks, last what is well. */
export function ChecksDrawer({ mailing, isOpen, onClose }: Props) {
  const { id } = mailing;
  const checks = api.useQuery(
    "get",
    "/api/v1/mailings/{id}/checks",
    { params: { path: { id } } },
    { enabled: isOpen, refetchOnMount: "always" },
  );
  const mayPublish = useMay("mailings:publish");
  return (
    <Drawer opened={isOpen} onClose={onClose} position="right" title="Checks before publishing" size="md">
      <Loaded query={checks} lines={8}>
        {({ items }) => {
          const blocking = items.filter(({ severity }) => severity === "blocks").length;
          return (
            <Stack>
              <Text size="sm" c="dimmed" role="status">
                {blocking === 0
                  ? "Nothing keeps it from being published."
                  : blocking === 1
                    ? "One thing is to be done before it can be published."
                    : `${blocking} things are to be done before it can be published.`}
              </Text>
              <ul className={classes.checks}>
                {order.flatMap((severity) =>
                  items
                    .filter((check) => check.severity === severity)
                    .map((check) => <Line key={`${check.code} ${check.message}`} check={check} />),
                )}
              </ul>
              {mayPublish && (
                <Group>
                  <Button component={Link} to={`/mailings/${id}/publish`}>
                    Publish…
                  </Button>
                </Group>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Drawer>
  );
}

function Line({ check: { severity, message, wayOut } }: { readonly check: Check }) {
  const { Icon, color, word } = signs[severity];
  return (
    <li>
      <Icon size={19} color={color} aria-hidden />
      <div>
        <VisuallyHidden>{word}: </VisuallyHidden>
        <Text size="sm" component="span">
          {message}
        </Text>
        {wayOut && (
          <Text size="sm" c="dimmed">
            {wayOut}
          </Text>
        )}
      </div>
    </li>
  );
}
