import { ActionIcon, Menu } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/me.ts";
import { type Named, pathOf, useMailingActions } from "./mailing-actions.ts";

/** The menu of one line. */
export function MailingMenu({ mailing }: { readonly mailing: Named }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="md" aria-label={`${mailing.name}: menu`}>
          <IconDotsVertical size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <MailingMenuItems mailing={mailing} isOpen={false} />
      </Menu.Dropdown>
    </Menu>
  );
}

interface Props {
  readonly mailing: Named;
  /** Whether it is what the page shows. */
  readonly isOpen: boolean;
}

/** What can be done with one mailing or template. */
export function MailingMenuItems({ mailing, isOpen }: Props) {
  const mayWrite = useMay("mailings:write");
  const actions = useMailingActions();
  const { isTemplate, state, archivedAt, name } = mailing;
  const isBusy = state === "scheduled" || state === "in_progress" || state === "on_hold";
  return (
    <>
      {!isOpen && (
        <Menu.Item component={Link} to={pathOf(mailing)}>
          {mayWrite && archivedAt === null ? "Edit" : "Open"}
        </Menu.Item>
      )}
      {mayWrite && isTemplate && (
        <Menu.Item onClick={() => void actions.copy(mailing, { isTemplate: false, name })}>
          Write a mailing from it
        </Menu.Item>
      )}
      {mayWrite && <Menu.Item onClick={() => void actions.copy(mailing, { isTemplate })}>Copy</Menu.Item>}
      {mayWrite && !isTemplate && (
        <Menu.Item onClick={() => void actions.copy(mailing, { isTemplate: true, name })}>
          Make a template of it
        </Menu.Item>
      )}
      {mayWrite && archivedAt !== null && <Menu.Item onClick={() => actions.bringBack(mailing)}>Bring back</Menu.Item>}
      {mayWrite && !isTemplate && archivedAt === null && !isBusy && (
        <Menu.Item onClick={() => actions.archive(mailing)}>Archive</Menu.Item>
      )}
      {mayWrite && (isTemplate || state === "draft") && (
        <>
          <Menu.Divider />
          <Menu.Item onClick={() => actions.remove(mailing, isOpen)}>Delete</Menu.Item>
        </>
      )}
    </>
  );
}
