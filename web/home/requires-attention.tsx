import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../api/me.ts";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import { ToneBadge } from "../ui/state-badge.tsx";
import { heldSentence, type Tone } from "../ui/sync-words.ts";
import { When } from "../ui/when.tsx";
import classes from "./home.module.css";
import type { Home } from "./home.ts";

type Trouble = Home["troubles"][number];
type SwitchedOffWebhook = Home["switchedOffWebhooks"][number];

const looks: Record<Trouble["kind"], { readonly word: string; readonly tone: Tone; readonly wayOut: string }> = {
  held: { word: "Held", tone: "warn", wayOut: "Review who would come and go" },
  failed: { word: "Failed", tone: "bad", wayOut: "See what happened" },
  missing: { word: "Missing", tone: "quiet", wayOut: "Look at the group" },
};

function placeOf({ kind, groupId, syncId }: Trouble): string {
  if (kind === "held") return `/syncs/${syncId}/review`;
  return kind === "failed" ? `/syncs/${syncId}` : `/target-groups/${groupId}`;
}

interface EntryProps {
  readonly tone: Tone;
  readonly word: string;
  /** Where it is mended. */
  readonly to: string;
  /** Where the thing itself is, if that is elsewhere. */
  readonly thing?: string;
  readonly title: ReactNode;
  readonly when?: ReactNode;
  readonly wayOut: string;
  /** The reason. */
  readonly children: ReactNode;
}

/** One thing that waits for a person: what, since when, why, and the way out. */
function Entry({ tone, word, to, thing = to, title, when, wayOut, children }: EntryProps) {
  return (
    <li className={`${classes.entry} ${classes.trouble}`}>
      <ToneBadge tone={tone}>{word}</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={thing} fw={560}>
          {title}
        </Anchor>{" "}
        {when && (
          <Text span size="sm" c="dimmed">
            {when}
          </Text>
        )}
        <Text size="sm" component="div">
          {children}
        </Text>
        <Anchor component={Link} to={to} fz="sm">
          {wayOut}
        </Anchor>
      </div>
    </li>
  );
}

/** What keeps every group from being refreshed: refused credentials, or syncs that get no answer. */
function BridgeTrouble({ bridge }: { readonly bridge: NonNullable<Home["bridge"]> }) {
  const mayChange = useMay("bridge:change");
  const { needsAttentionSince, needsAttentionReason, failuresInARow, probeAt } = bridge.health;
  const [to, title] = ["/admin/bridge", "Bridge to netFORUM Pro"];
  if (needsAttentionSince === null) {
    return (
      <Entry
        tone="warn"
        word="Paused"
        to={to}
        title={title}
        wayOut={mayChange ? "Test the connection" : "Look at the bridge"}
      >
        {failuresInARow} syncs in a row got no answer. It is tried again <When at={probeAt} isAhead />.
      </Entry>
    );
  }
  const when = <When at={needsAttentionSince} />;
  const wayOut = mayChange ? "Enter new credentials" : "An administrator enters new credentials";
  return (
    <Entry tone="bad" word="Refused" to={to} title={title} when={when} wayOut={wayOut}>
      {needsAttentionReason} No target group can be refreshed until it is corrected, and mailings to them stop at
      publish.
    </Entry>
  );
}

/** The list of target groups could not be read; the groups stay as they are. */
function FailedList({ syncId, at, reason }: NonNullable<Home["failedList"]>) {
  const when = <When at={at} />;
  return (
    <Entry
      tone="bad"
      word="Failed"
      to={`/syncs/${syncId}`}
      title="Target group list"
      when={when}
      wayOut="See what happened"
    >
      {reason}
    </Entry>
  );
}

/** A mailing that waits for a person: why, and the way to what can be done. (product 4.3) */
function OnHold({ instance: { id, name, heldAt, holdMessage } }: { readonly instance: Home["onHold"][number] }) {
  const [title, when] = [<bdi key={id}>{name}</bdi>, <When key={id} at={heldAt} />];
  return (
    <Entry
      tone="bad"
      word="On hold"
      to={`/instances/${id}`}
      title={title}
      when={when}
      wayOut="Decide about the mailing"
    >
      {holdMessage}
    </Entry>
  );
}

/** Bounces that came in a flood and mark nobody until an administrator has looked. (product 4.5) */
function Bounces({ held }: { readonly held: Home["heldBounces"][number] }) {
  const mayDecide = useMay("subscribers:change");
  const { count } = useNumbers();
  const { instanceId, name, people, lastAt, reasons } = held;
  return (
    <Entry
      tone="warn"
      word="Held"
      to={`/instances/${instanceId}/report`}
      title={
        <>
          {people === 1 ? "One bounce" : `${count(people)} bounces`} of <bdi>{name}</bdi>
        </>
      }
      when={<When at={lastAt} />}
      wayOut={mayDecide ? "Look at them, then apply or discard" : "Look at them"}
    >
      They came in a flood: are the addresses bad, or was it the relay? <bdi>{reasons[0]?.reason}</bdi>
    </Entry>
  );
}

/** Unsubscribes and bad addresses that netFORUM Pro has not taken. (product 5.2) */
function FailedWritebacks({ failed, at, reason }: NonNullable<Home["failedWritebacks"]>) {
  const mayRetry = useMay("writebacks:send");
  const { count } = useNumbers();
  return (
    <Entry
      tone="bad"
      word="Failed"
      to="/admin/bridge/writebacks?state=failed"
      title={failed === 1 ? "One writeback" : `${count(failed)} writebacks`}
      when={<When at={at} />}
      wayOut={mayRetry ? "See the reasons, and try again" : "See the reasons"}
    >
      {reason}
    </Entry>
  );
}

/** A program of the account's that hears nothing any more, until somebody switches its webhook on. */
function SwitchedOff({ webhook: { id, url, failingSince, reason } }: { readonly webhook: SwitchedOffWebhook }) {
  return (
    <Entry
      tone="bad"
      word="Off"
      to={`/admin/webhooks/${id}`}
      title={
        <>
          Webhook <bdi>{url}</bdi>
        </>
      }
      when={
        failingSince && (
          <>
            failing since <When at={failingSince} />
          </>
        )
      }
      wayOut="Mend the receiver, then switch it on"
    >
      {reason}
    </Entry>
  );
}

/** Whoever asked to be told by mail, and is not. */
function UnsentNotices({ users, at, name, reason }: NonNullable<Home["unsentNotices"]>) {
  const { count } = useNumbers();
  return (
    <Entry
      tone="bad"
      word="Not sent"
      to="/admin/users"
      title={
        <>
          Notices to <bdi>{name}</bdi>
          {users > 1 && ` and ${count(users - 1)} more`}
        </>
      }
      when={<When at={at} />}
      wayOut="Look at the user’s address, or ask whoever runs the mail relay"
    >
      {reason}
    </Entry>
  );
}

/** A group that isn't in step. (product 1.5) */
function GroupTrouble({ trouble }: { readonly trouble: Trouble }) {
  const { word, tone, wayOut } = looks[trouble.kind];
  const when = <When at={trouble.at} />;
  return (
    <Entry
      tone={tone}
      word={word}
      to={placeOf(trouble)}
      thing={`/target-groups/${trouble.groupId}`}
      title={<bdi>{trouble.groupName}</bdi>}
      when={when}
      wayOut={wayOut}
    >
      {trouble.kind === "held" ? heldSentence(trouble.reason) : trouble.reason}
    </Entry>
  );
}

/** Whether nothing can be refreshed. */
function isTroubled({ health }: NonNullable<Home["bridge"]>): boolean {
  return health.needsAttentionSince !== null || health.probeAt !== null;
}

export function requiresAttention(home: Home): boolean {
  const { bridge, troubles, onHold, heldBounces, switchedOffWebhooks } = home;
  if (bridge !== null && isTroubled(bridge)) return true;
  if (home.failedWritebacks !== null || home.failedList !== null || home.unsentNotices !== null) return true;
  return troubles.length + onHold.length + heldBounces.length + switchedOffWebhooks.length > 0;
}

/** Everything that waits for a person, each with its reason and the way to it. */
export function RequiresAttention({ home }: { readonly home: Home }) {
  const { bridge, troubles, moreTroubles, onHold, failedWritebacks, failedList, heldBounces } = home;
  const { switchedOffWebhooks, unsentNotices } = home;
  return (
    <Section title="Requires attention">
      {!requiresAttention(home) ? (
        <Text c="dimmed">Nothing requires attention: every group is as its last sync left it.</Text>
      ) : (
        <Stack component="ul" gap={0} className={classes.list}>
          {bridge && isTroubled(bridge) && <BridgeTrouble bridge={bridge} />}
          {failedList && <FailedList {...failedList} />}
          {onHold.map((instance) => (
            <OnHold key={instance.id} instance={instance} />
          ))}
          {heldBounces.map((held) => (
            <Bounces key={held.instanceId} held={held} />
          ))}
          {failedWritebacks && <FailedWritebacks {...failedWritebacks} />}
          {switchedOffWebhooks.map((webhook) => (
            <SwitchedOff key={webhook.id} webhook={webhook} />
          ))}
          {unsentNotices && <UnsentNotices {...unsentNotices} />}
          {troubles.map((trouble) => (
            <GroupTrouble key={`${trouble.kind} ${trouble.groupId}`} trouble={trouble} />
          ))}
        </Stack>
      )}
      {moreTroubles && (
        <Text size="sm" mt="sm" c="dimmed">
          There are more; these are the first {troubles.length}.{" "}
          <Anchor component={Link} to="/syncs?state=failed">
            All failed syncs
          </Anchor>
        </Text>
      )}
    </Section>
  );
}
