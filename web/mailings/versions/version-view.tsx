import { Button, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconArrowBackUp, IconArrowLeft } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { api } from "../../api/client.ts";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import type { Draft } from "../editor/draft.ts";
import { useDraftState } from "../editor/use-draft.ts";
import { PreviewPane } from "../preview/preview-pane.tsx";
import { Differences } from "./differences-from-now.tsx";
import classes from "./versions.module.css";
import { useMoments, type VersionLine } from "./words.ts";

interface Props {
  readonly line: VersionLine;
  readonly draft: Draft;
  readonly mayRestore: boolean;
  readonly onBack: () => void;
  readonly onRestored: () => void;
}

/** One version: what differs from the mailing as it stands now, how it looked, and the way back to it. */
export function VersionView({ line, draft, mayRestore, onBack, onRestored }: Props) {
  const { content, saved } = useDraftState(draft);
  const moment = useMoments();
  const [problem, setProblem] = useState<unknown>(null);
  const [isRestoring, setIsRestoring] = useState(false);
  const params = { path: { id: saved.id, version: line.number } };
  const version = api.useQuery("get", "/api/v1/mailings/{id}/versions/{version}", { params });
  const back = useRef<HTMLButtonElement>(null);
  // On a phone it takes the list's place, and the focus with it; elsewhere there is no way back to be focused.
  useEffect(() => back.current?.focus(), []);
  const when = moment(line.savedAt);
  const restore = async () => {
    setProblem(null);
    setIsRestoring(true);
    try {
      const undoVersion = await draft.restore(line.number);
      const undo = () => void draft.restore(undoVersion ?? line.number).catch(tellProblem);
      tell({
        title: `Restored: ${when}`,
        message: "What stood there before is among the versions.",
        ...(undoVersion !== null && { undo }),
      });
      onRestored();
    } catch (error) {
      setProblem(error);
      setIsRestoring(false);
    }
  };
  const ask = () =>
    modals.openConfirmModal({
      title: "Restore this version?",
      children: `Envelope, body and text part become what they were: ${when}. The name and the audience stay. What stands there now is kept as a version.`,
      labels: { confirm: "Restore it", cancel: "Leave it as it is" },
      onConfirm: () => void restore(),
    });
  return (
    <Stack gap="md">
      <div className={classes.back}>
        <Button
          ref={back}
          size="xs"
          variant="subtle"
          leftSection={<IconArrowLeft size={15} aria-hidden />}
          onClick={onBack}
        >
          All versions
        </Button>
      </div>
      <Group justify="space-between" align="start" gap="sm">
        <div style={{ minWidth: 0, flex: "1 1 14rem" }}>
          <Text fw={620} component="h3" m={0}>
            {when}
          </Text>
          <Text size="sm" c="dimmed">
            Saved by <bdi>{line.savedBy}</bdi>
            {line.isCurrent && ". It is what stands in the mailing now"}.
          </Text>
        </div>
        {mayRestore && !line.isCurrent && (
          <Button leftSection={<IconArrowBackUp size={16} aria-hidden />} loading={isRestoring} onClick={ask}>
            Restore this version
          </Button>
        )}
      </Group>
      {problem !== null && <ProblemAlert error={problem} />}
      {!line.isCurrent && (
        <Loaded query={version} lines={3}>
          {(then) => <Differences then={then} now={content} />}
        </Loaded>
      )}
      <PreviewPane id={saved.id} version={saved.version} keptVersion={line.number} />
    </Stack>
  );
}
