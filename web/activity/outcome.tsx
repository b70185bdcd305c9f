import { Alert, Anchor, Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMay } from "../api/me.ts";
import { heldSentence, type Sync } from "../ui/sync-words.ts";

/** What went wrong or waits: cause, consequence, next step. */
export function Outcome({ sync }: { readonly sync: Sync }) {
  const mayDecide = useMay("syncs:decide");
  if (sync.state === "failed") return <Failure sync={sync} />;
  if (sync.state === "held") {
    return (
      <Alert color="orange" icon={<IconAlertTriangle aria-hidden />} title="It waits for a decision" role="alert">
        {heldSentence(sync.heldReason ?? "")} Until it is decided the group stays as it was.
        {!mayDecide && " An administrator applies or discards it."}
        <div>
          <Button component={Link} to={`/syncs/${sync.id}/review`} size="xs" mt="sm" variant="default">
            {mayDecide ? "Review, then apply or discard" : "Review who would come and go"}
          </Button>
        </div>
      </Alert>
    );
  }
  if (sync.state === "succeeded" && sync.isDryRun) {
    return (
      <Alert color="step" title="A dry run changes nothing">
        <Anchor component={Link} to={`/syncs/${sync.id}/review`}>
          Who would come, go and change
        </Anchor>
      </Alert>
    );
  }
  return null;
}

interface WayOut {
  readonly text: string;
  readonly link?: { readonly to: string; readonly label: string };
}

const bridge = (label: string) => ({ to: "/admin/bridge", label });
const again: WayOut = { text: "Run it again; it begins anew." };
/** What to do, by the kind of error. */
const waysOut: Record<NonNullable<Sync["errorKind"]>, WayOut> = {
  credentials: {
    text: "No target group can be refreshed until the credentials are corrected.",
    link: bridge("Enter new credentials"),
  },
  token: { text: "Test the connection: it says which step is refused.", link: bridge("Test connection") },
  unreachable: {
    text: "Run it again in some minutes. If it fails again, test the connection: it says which step fails.",
    link: bridge("Test connection"),
  },
  mapping: {
    text: "The site lacks something that the bridge is set to use.",
    link: bridge("Check the operation mapping"),
  },
  refused: { text: "Test the connection: it says what is refused.", link: bridge("Test connection") },
  incomplete: {
    text: "Run it again. If it fails again, test the connection; whoever runs netFORUM Pro needs the time and the detail below.",
    link: bridge("Test connection"),
  },
  limit: { text: "Run it again. If it fails again, make the query smaller in netFORUM Pro." },
};

function Failure({ sync }: { readonly sync: Sync }) {
  const mayChange = useMay("bridge:change");
  const { text, link } = waysOut[sync.errorKind ?? ""] ?? again;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={sync.errorMessage ?? "It failed"} role="alert">
      <Text size="sm">
        {sync.kind === "subscriber"
          ? "The group still shows what its last good sync read."
          : "The list of target groups is as it was."}{" "}
        {text}
        {link && !mayChange && " What is to be done in Bridge Configuration, an administrator does."}
      </Text>
      {link && mayChange && (
        <Button component={Link} to={link.to} size="xs" mt="sm" variant="default">
          {link.label}
        </Button>
      )}
    </Alert>
  );
}
