import { Group, Loader, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconPencil } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { When } from "../../ui/when.tsx";
import type { Draft } from "./draft.ts";
import { useDraftState } from "./use-draft.ts";

/** Whether what is typed is kept: "Saved 12 s ago". Read aloud when it changes, not as seconds pass. */
export function SaveState({ draft }: { readonly draft: Draft }) {
  const { isDirty, isSaving, problem, savedAt, saved } = useDraftState(draft);
  const word =
    problem !== null && isDirty
      ? problem.status === 401
        ? "Not saved: sign in again, and it will be"
        : "Not saved yet; what you typed is kept here"
      : isSaving
        ? "Saving…"
        : isDirty
          ? "Not saved yet"
          : "Saved";
  const Icon = problem !== null && isDirty ? IconAlertTriangle : isDirty ? IconPencil : IconCheck;
  return (
    <Group gap={6} wrap="nowrap" mih={24}>
      {isSaving ? <Loader size={14} color="gray" aria-hidden /> : <Icon size={15} aria-hidden />}
      <Text size="sm" component="span">
        <span role="status">{word}</span>{" "}
        {word === "Saved" &&
          (savedAt === null ? (
            <>
              <When at={saved.updatedAt} /> by <bdi>{saved.updatedBy}</bdi>
            </>
          ) : (
            <Ago since={savedAt} />
          ))}
      </Text>
    </Group>
  );
}

/** Seconds at first, then minutes. */
function Ago({ since }: { readonly since: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 2000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((Math.max(now, since) - since) / 1000));
  if (seconds < 5) return <span>just now</span>;
  return <span>{seconds < 60 ? `${seconds} s ago` : `${Math.floor(seconds / 60)} min ago`}</span>;
}
