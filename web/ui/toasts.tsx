import { Anchor, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toProblem } from "../api/client.ts";

interface Told {
  readonly title: string;
  readonly message?: ReactNode;
  readonly tone?: "good" | "warn";
  /** Where more is to be seen. */
  readonly link?: { readonly to: string; readonly label: string };
  /** Takes it back. */
  readonly undo?: () => void;
}

/** Says what was done, with a way to it or a way back. Only for what one may miss: all else stands on the page. */
export function tell({ title, message, tone = "good", link, undo }: Told): void {
  const id = crypto.randomUUID?.() ?? String(Math.random());
  notifications.show({
    id,
    color: tone === "good" ? "step" : "orange",
    title,
    autoClose: undo ? 12_000 : 6000,
    closeButtonProps: { "aria-label": "Close" },
    message: (
      <>
        {message}{" "}
        {link && (
          <Anchor component={Link} to={link.to}>
            {link.label}
          </Anchor>
        )}
        {undo && (
          <Button
            size="compact-xs"
            variant="default"
            mt={4}
            onClick={() => {
              notifications.hide(id);
              undo();
            }}
          >
            Undo
          </Button>
        )}
      </>
    ),
  });
}

/** Says why something could not be done; it stays until it is closed. */
export function tellProblem(error: unknown): void {
  const { title, message, wayOut } = toProblem(error);
  notifications.show({
    color: "red",
    title,
    message: wayOut ? `${message} ${wayOut}` : message,
    autoClose: false,
    closeButtonProps: { "aria-label": "Close" },
  });
}
