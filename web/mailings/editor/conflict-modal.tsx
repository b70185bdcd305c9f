import { Button, Modal, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ProblemAlert } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import type { Draft } from "./draft.ts";
import { useDraftState } from "./use-draft.ts";

/** Two wrote at once: nobody's words are overwritten, one chooses what becomes of one's own. */
export function ConflictModal({ draft }: { readonly draft: Draft }) {
  const { theirs } = useDraftState(draft);
  const navigate = useNavigate();
  const [problem, setProblem] = useState<unknown>(null);
  const [isCopying, setIsCopying] = useState(false);
  const keep = async () => {
    setIsCopying(true);
    setProblem(null);
    try {
      const id = await draft.keepAsCopy();
      draft.loadTheirs();
      await navigate({ to: theirs?.isTemplate ? `/mailing-templates/${id}` : `/mailings/${id}` });
    } catch (error) {
      setProblem(error);
    } finally {
      setIsCopying(false);
    }
  };
  return (
    <Modal opened={theirs !== null} onClose={() => {}} withCloseButton={false} title="Somebody else changed it too">
      <Stack>
        {problem !== null && <ProblemAlert error={problem} />}
        {theirs && (
          <Text size="sm">
            <bdi>{theirs.updatedBy}</bdi> saved this {theirs.isTemplate ? "template" : "mailing"}{" "}
            <When at={theirs.updatedAt} /> while you were writing. What you typed since is not saved yet.
          </Text>
        )}
        <Button data-autofocus loading={isCopying} onClick={() => void keep()}>
          Keep mine as a copy
        </Button>
        <Button variant="default" disabled={isCopying} onClick={draft.loadTheirs}>
          Load theirs, give mine up
        </Button>
      </Stack>
    </Modal>
  );
}
