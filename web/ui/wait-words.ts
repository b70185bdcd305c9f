import type { Schema } from "../api/client.ts";
import type { Times } from "./when.tsx";

type Wait = NonNullable<Schema<"Sync">["waitsFor"]>;

/** What a sync waits for, in a line without a full stop. */
export function waitLine({ reason, until }: Wait, of: "list" | "group", times: Times): string {
  switch (reason) {
    case "bridge_inactive":
      return "Waits, but the bridge is switched off";
    case "bridge_needs_attention":
      return "Waits, but netFORUM Pro refused the bridge's credentials";
    case "other_sync":
      return `Waits until another sync of this ${of} has ended`;
    case "no_answer":
      return until !== null && Date.parse(until) > Date.now()
        ? `Starts at ${times.hour(until)}, when netFORUM Pro is tried again after it didn't answer`
        : "Waits while netFORUM Pro is tried again after it didn't answer";
    case "session":
      return "Waits for a free session with netFORUM Pro";
    case "turn":
      return "Waits for its turn";
  }
}

/** What to do, and where; without the permission it is said who does. */
export interface WayOn {
  readonly text: string;
  readonly link?: { readonly to: string; readonly label: string; readonly permission?: string };
}

/** To where the bridge is set up, for those who may. */
export const bridgeLink = (label: string) => ({ to: "/admin/bridge", label, permission: "bridge:change" });

/** How a sync that waits comes to begin, what to do for it, and where. */
export function wayOn({ reason, syncId }: Wait): WayOn {
  switch (reason) {
    case "bridge_inactive":
      return {
        text: "It ends without asking netFORUM Pro. Switch the bridge on, then ask again.",
        link: bridgeLink("Bridge Configuration"),
      };
    case "bridge_needs_attention":
      return {
        text: "It ends without asking netFORUM Pro. Enter new credentials, then ask again.",
        link: bridgeLink("Enter new credentials"),
      };
    case "other_sync":
      return { text: "Then it begins by itself.", link: { to: `/syncs/${syncId}`, label: "Look at the other sync" } };
    case "no_answer":
      return {
        text: "It begins by itself when netFORUM Pro answers. Testing the connection says which step fails.",
        link: bridgeLink("Test connection"),
      };
    case "session":
      return syncId === null
        ? { text: "It begins by itself when writebacks, or a test of the connection, give theirs back." }
        : {
            text: "It begins by itself when a sync that has one ends.",
            link: { to: `/syncs/${syncId}`, label: "Look at the sync that runs" },
          };
    case "turn":
      return { text: "It begins by itself." };
  }
}
