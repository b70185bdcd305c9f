import { Badge, Button, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconEye, IconListCheck, IconSend } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent } from "react";
import { api, type Problem } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Page } from "../../ui/page.tsx";
import { ProblemAlert } from "../../ui/states.tsx";
import type { Mailing } from "../mailing.ts";
import { PreviewDrawer } from "../preview/preview-drawer.tsx";
import { VersionsButton } from "../versions/versions-button.tsx";
import { Audience } from "./audience.tsx";
import { Body } from "./body.tsx";
import { ChecksDrawer } from "./checks-drawer.tsx";
import { ConflictModal } from "./conflict-modal.tsx";
import type { Draft } from "./draft.ts";
import { EditorMenu } from "./editor-menu.tsx";
import { Envelope, envelopeFields } from "./envelope.tsx";
import { FieldsProvider } from "./fields.tsx";
import { LeaveGuard } from "./leave-guard.tsx";
import { PublishedNote } from "./published-note.tsx";
import { SaveState } from "./save-state.tsx";
import { TestSendModal } from "./test-send-modal.tsx";
import { useDraft, useDraftState } from "./use-draft.ts";

/** One mailing or template: its envelope, whom it goes to, and what is written; saved by itself. */
export function MailingEditor({ mailing }: { readonly mailing: Mailing }) {
  const draft = useDraft(mailing);
  const { content, problem } = useDraftState(draft);
  const mayWrite = useMay("mailings:write") && mailing.archivedAt === null;
  const { isTemplate } = mailing;
  const editing = { draft, content, isEditable: mayWrite };
  return (
    <FieldsProvider>
      <Page
        title={content.name || "Without a name"}
        trail={[
          isTemplate ? { label: "Templates", to: "/mailing-templates" } : { label: "All mailings", to: "/mailings" },
        ]}
        about={
          <Group gap="xs">
            {mayWrite ? <SaveState draft={draft} /> : "You see it as it is; it can't be changed here."}
            <VersionsButton draft={draft} mayRestore={mayWrite} />
          </Group>
        }
        actions={<Actions mailing={mailing} draft={draft} />}
      >
        {mayWrite && <LeaveGuard draft={draft} />}
        <ConflictModal draft={draft} />
        {problem && problem.status !== 401 && problem.code !== "edited_meanwhile" && !standsAtField(problem) && (
          <ProblemAlert error={problem} onRetry={() => void draft.save()} retryLabel="Save again" />
        )}
        <PublishedNote mailing={mailing} />
        <Envelope {...editing} />
        {!isTemplate && <Audience {...editing} />}
        <Body {...editing} />
      </Page>
    </FieldsProvider>
  );
}

/** Whether its place in the envelope says it already. */
const standsAtField = ({ mistakes }: Problem) =>
  mistakes.length > 0 && mistakes.every(({ path }) => envelopeFields.includes(path));

interface ActionsProps {
  readonly mailing: Mailing;
  readonly draft: Draft;
}

/** Look at it, try it, check it, publish it. What is typed is saved first, so that each sees the latest. */
function Actions({ mailing, draft }: ActionsProps) {
  const { id, isTemplate, archivedAt } = mailing;
  const navigate = useNavigate();
  const mayWrite = useMay("mailings:write");
  const mayPublish = useMay("mailings:publish") && archivedAt === null;
  const [isPreviewOpen, preview] = useDisclosure(false);
  const [areChecksOpen, checks] = useDisclosure(false);
  const [isTestOpen, test] = useDisclosure(false);
  const afterSaving = (act: () => void) => () => void draft.save().then(act);
  return (
    <>
      <Button variant="default" leftSection={<IconEye size={16} aria-hidden />} onClick={afterSaving(preview.open)}>
        Preview
      </Button>
      {!isTemplate && mayWrite && (
        <Button variant="default" leftSection={<IconSend size={16} aria-hidden />} onClick={afterSaving(test.open)}>
          Test send
        </Button>
      )}
      {!isTemplate && <ChecksButton id={id} onClick={afterSaving(checks.open)} />}
      {!isTemplate && mayPublish && (
        <Button
          component={Link}
          to={`/mailings/${id}/publish`}
          onClick={(event: MouseEvent) => {
            if (event.metaKey || event.ctrlKey) return;
            event.preventDefault();
            void draft.save().then(() => navigate({ to: `/mailings/${id}/publish` }));
          }}
        >
          Publish…
        </Button>
      )}
      <EditorMenu mailing={mailing} draft={draft} />
      <PreviewDrawer mailing={mailing} draft={draft} isOpen={isPreviewOpen} onClose={preview.close} />
      <ChecksDrawer mailing={mailing} isOpen={areChecksOpen} onClose={checks.close} />
      {isTestOpen && <TestSendModal mailing={mailing} onClose={test.close} />}
    </>
  );
}

function ChecksButton({ id, onClick }: { readonly id: string; readonly onClick: () => void }) {
  const checks = api.useQuery("get", "/api/v1/mailings/{id}/checks", { params: { path: { id } } });
  const items = checks.data?.items ?? [];
  const blocking = items.filter(({ severity }) => severity === "blocks").length;
  const warnings = items.filter(({ severity }) => severity === "warning").length;
  return (
    <Button variant="default" leftSection={<IconListCheck size={16} aria-hidden />} onClick={onClick}>
      <Group gap={6} wrap="nowrap">
        Checks
        {checks.data && (
          <Badge size="sm" color={blocking > 0 ? "red" : warnings > 0 ? "orange" : "step"}>
            {blocking > 0 ? `${blocking} to do` : warnings > 0 ? `${warnings} to look at` : "all well"}
          </Badge>
        )}
      </Group>
    </Button>
  );
}
