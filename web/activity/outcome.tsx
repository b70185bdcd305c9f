import { Alert, Anchor, Button, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMay } from "../api/me.ts";
import { heldSentence, type Sync } from "../ui/sync-words.ts";
import { bridgeLink, type WayOn } from "../ui/wait-words.ts";

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

const again: WayOn = { text: "Run it again; it begins anew." };
/** What to do, by the kind of error. */
const waysOut: Record<NonNullable<Sync["errorKind"]>, WayOn> = {
  credentials: {
    text: "No target group can be refreshed until the credentials are corrected.",
    link: bridgeLink("Enter new credentials"),
  },
  token: { text: "Test the connection: it says which step is refused.", link: bridgeLink("Test connection") },
  unreachable: {
    text: "Run it again in some minutes. If it fails again, test the connection: it says which step fails.",
    link: bridgeLink("Test connection"),
  },
  mapping: {
    text: "The site lacks something that the bridge is set to use.",
    link: bridgeLink("Check the operation mapping"),
  },
  refused: { text: "Test the connection: it says what is refused.", link: bridgeLink("Test connection") },
  incomplete: {
    text: "Run it again. If it fails again, test the connection; whoever runs netFORUM Pro needs the time and the detail below.",
    link: bridgeLink("Test connection"),
  },
  limit: { text: "Run it again. If it fails again, make the query smaller in netFORUM Pro." },
};

/** The group's page has the held sync, for as long as it is held. */
function heldBefore({ groupId }: Sync): WayOn {
  return { text: "Review the held one first.", link: { to: `/target-groups/${groupId}`, label: "Go to the group" } };
}

function Failure({ sync }: { readonly sync: Sync }) {
  const { text, link } = sync.errorKind === "held" ? heldBefore(sync) : (waysOut[sync.errorKind ?? ""] ?? again);
  const mayFollow = useMay(link?.permission ?? "syncs:read");
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={sync.errorMessage ?? "It failed"} role="alert">
      <Text size="sm">
        {sync.kind === "subscriber"
          ? "The group still shows what its last good sync read."
          : "The list of target groups is as it was."}{" "}
        {text}
        {link && !mayFollow && " What is to be done in Bridge Configuration, an administrator does."}
      </Text>
      {link && mayFollow && (
        <Button component={Link} to={link.to} size="xs" mt="sm" variant="default">
          {link.label}
        </Button>
      )}
    </Alert>
  );
}
