import { ActionIcon, Menu } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import { MailingMenuItems } from "../list/mailing-menu.tsx";
import type { Mailing } from "../mailing.ts";
import type { Draft } from "./draft.ts";

interface Props {
  readonly mailing: Mailing;
  readonly draft: Draft;
}

/** What can be done with the whole mailing; what is typed is saved first. */
export function EditorMenu({ mailing, draft }: Props) {
  return (
    <Menu position="bottom-end" withinPortal onOpen={() => void draft.save()}>
      <Menu.Target>
        <ActionIcon variant="default" size={36} aria-label={`${mailing.name}: menu`}>
          <IconDotsVertical size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <MailingMenuItems mailing={mailing} isOpen />
      </Menu.Dropdown>
    </Menu>
  );
}
