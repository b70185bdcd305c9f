import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useNumbers } from "../ui/numbers.ts";
import { Section } from "../ui/section.tsx";
import { ToneBadge } from "../ui/state-badge.tsx";
import type { Tone } from "../ui/sync-words.ts";
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

/** What keeps every group from being refreshed: refused credentials, or syncs that get no answer. */
function BridgeTrouble({ bridge }: { readonly bridge: NonNullable<Home["bridge"]> }) {
  const { needsAttentionSince, needsAttentionReason, failuresInARow, probeAt } = bridge.health;
  const isRefused = needsAttentionSince !== null;
  return (
    <li className={classes.entry}>
      <ToneBadge tone={isRefused ? "bad" : "warn"}>{isRefused ? "Refused" : "Paused"}</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to="/admin/bridge" fw={560}>
          Bridge to netFORUM Pro
        </Anchor>{" "}
        {isRefused && (
          <Text span size="sm" c="dimmed">
            <When at={needsAttentionSince} />
          </Text>
        )}
        <Text size="sm" component="div">
          {isRefused ? (
            <>
              {needsAttentionReason} No target group can be refreshed until it is corrected, and mailings to them stop
              at publish.
            </>
          ) : (
            <>
              {failuresInARow} syncs in a row got no answer. It is tried again <When at={probeAt} isAhead />.
            </>
          )}
        </Text>
        <Anchor component={Link} to="/admin/bridge" fz="sm">
          {isRefused ? "Enter new credentials" : "Test the connection"}
        </Anchor>
      </div>
    </li>
  );
}

/** The list of target groups could not be read; the groups stay as they are. */
function FailedList({ syncId, at, reason }: NonNullable<Home["failedList"]>) {
  return (
    <li className={classes.entry}>
      <ToneBadge tone="bad">Failed</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={`/syncs/${syncId}`} fw={560}>
          Target group list
        </Anchor>{" "}
        <Text span size="sm" c="dimmed">
          <When at={at} />
        </Text>
        <Text size="sm">{reason}</Text>
        <Anchor component={Link} to={`/syncs/${syncId}`} fz="sm">
          See what happened
        </Anchor>
      </div>
    </li>
  );
}

/** A mailing that waits for a person: why, and the way to what can be done. (product 4.3) */
function OnHold({ instance: { id, name, heldAt, holdMessage } }: { readonly instance: Home["onHold"][number] }) {
  return (
    <li className={classes.entry}>
      <ToneBadge tone="bad">On hold</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={`/instances/${id}`} fw={560}>
          <bdi>{name}</bdi>
        </Anchor>{" "}
        <Text span size="sm" c="dimmed">
          <When at={heldAt} />
        </Text>
        <Text size="sm">{holdMessage}</Text>
        <Anchor component={Link} to={`/instances/${id}`} fz="sm">
          Decide about the mailing
        </Anchor>
      </div>
    </li>
  );
}

/** Bounces that came in a flood and mark nobody until an administrator has looked. (product 4.5) */
function Bounces({
  held: { instanceId, name, people, lastAt, reasons },
}: {
  readonly held: Home["heldBounces"][number];
}) {
  const { count } = useNumbers();
  const place = `/instances/${instanceId}/report`;
  return (
    <li className={classes.entry}>
      <ToneBadge tone="warn">Held</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={place} fw={560}>
          {people === 1 ? "One bounce" : `${count(people)} bounces`} of <bdi>{name}</bdi>
        </Anchor>{" "}
        <Text span size="sm" c="dimmed">
          <When at={lastAt} />
        </Text>
        <Text size="sm">
          They came in a flood and mark no address as bad yet. <bdi>{reasons[0]?.reason}</bdi>
        </Text>
        <Anchor component={Link} to={place} fz="sm">
          Look at them, then apply or discard
        </Anchor>
      </div>
    </li>
  );
}

/** Unsubscribes and bad addresses that netFORUM Pro has not taken. (product 5.2) */
function FailedWritebacks({ failed, at, reason }: NonNullable<Home["failedWritebacks"]>) {
  const { count } = useNumbers();
  const place = "/admin/bridge/writebacks?state=failed";
  return (
    <li className={classes.entry}>
      <ToneBadge tone="bad">Failed</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={place} fw={560}>
          {failed === 1 ? "One writeback" : `${count(failed)} writebacks`}
        </Anchor>{" "}
        <Text span size="sm" c="dimmed">
          <When at={at} />
        </Text>
        <Text size="sm">{reason}</Text>
        <Anchor component={Link} to={place} fz="sm">
          See the reasons, and try again
        </Anchor>
      </div>
    </li>
  );
}

/** A program of the account's that hears nothing any more, until somebody switches its webhook on. */
function SwitchedOff({ webhook: { id, url, failingSince, reason } }: { readonly webhook: SwitchedOffWebhook }) {
  const place = `/admin/webhooks/${id}`;
  return (
    <li className={classes.entry}>
      <ToneBadge tone="bad">Off</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to={place} fw={560}>
          Webhook <bdi style={{ overflowWrap: "anywhere" }}>{url}</bdi>
        </Anchor>{" "}
        {failingSince && (
          <Text span size="sm" c="dimmed">
            failing since <When at={failingSince} />
          </Text>
        )}
        <Text size="sm">{reason}</Text>
        <Anchor component={Link} to={place} fz="sm">
          Mend the receiver, then switch it on
        </Anchor>
      </div>
    </li>
  );
}

/** Whoever asked to be told by mail, and is not. */
function UnsentNotices({ users, at, name, reason }: NonNullable<Home["unsentNotices"]>) {
  const { count } = useNumbers();
  return (
    <li className={classes.entry}>
      <ToneBadge tone="bad">Not sent</ToneBadge>
      <div className={classes.said}>
        <Anchor component={Link} to="/admin/users" fw={560}>
          Notices to <bdi>{name}</bdi>
          {users > 1 && ` and ${count(users - 1)} more`}
        </Anchor>{" "}
        <Text span size="sm" c="dimmed">
          <When at={at} />
        </Text>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {reason}
        </Text>
        <Anchor component={Link} to="/admin/users" fz="sm">
          Look at the user’s address, or ask whoever runs the mail relay
        </Anchor>
      </div>
    </li>
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
          {troubles.map((trouble) => {
            const { word, tone, wayOut } = looks[trouble.kind];
            return (
              <li key={`${trouble.kind} ${trouble.groupId}`} className={classes.entry}>
                <ToneBadge tone={tone}>{word}</ToneBadge>
                <div className={classes.said}>
                  <Anchor component={Link} to={`/target-groups/${trouble.groupId}`} fw={560}>
                    <bdi>{trouble.groupName}</bdi>
                  </Anchor>{" "}
                  <Text span size="sm" c="dimmed">
                    <When at={trouble.at} />
                  </Text>
                  <Text size="sm">{trouble.reason}</Text>
                  <Anchor component={Link} to={placeOf(trouble)} fz="sm">
                    {wayOut}
                  </Anchor>
                </div>
              </li>
            );
          })}
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
