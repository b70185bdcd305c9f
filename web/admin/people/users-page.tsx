import { Button } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconUserPlus } from "@tabler/icons-react";
import { api, type Schema } from "../../api/client.ts";
import { type Column, DataTable } from "../../ui/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { When } from "../../ui/when.tsx";
import { InviteForm } from "./invite-form.tsx";
import { roleWords } from "./role-words.ts";
import { UserMenu } from "./user-menu.tsx";

type User = Schema<"User">;

const states = {
  active: { word: "Active", tone: "good" },
  invited: { word: "Invited", tone: "warn" },
  disabled: { word: "Disabled", tone: "quiet" },
} as const;

const columns: readonly Column<User>[] = [
  {
    id: "name",
    header: "Name",
    cell: (user) => (
      <>
        <bdi>{user.name}</bdi>
        <div style={{ color: "var(--mantine-color-dimmed)", fontSize: "var(--mantine-font-size-xs)" }}>
          {user.email}
        </div>
      </>
    ),
  },
  { id: "role", header: "Role", cell: (user) => roleWords[user.role].word },
  {
    id: "state",
    header: "State",
    from: "xs",
    cell: (user) => <ToneBadge tone={states[user.state].tone}>{states[user.state].word}</ToneBadge>,
  },
  { id: "factor", header: "Second factor", from: "md", cell: (user) => (user.hasSecondFactor ? "on" : "off") },
  { id: "seen", header: "Last signed in", from: "sm", cell: (user) => <When at={user.signedInAt} /> },
  {
    id: "menu",
    header: <span style={{ fontSize: 0 }}>Actions</span>,
    kind: "action",
    cell: (user) => <UserMenu user={user} />,
  },
];

/** Admin › Users: who may do what in this account. */
export function UsersPage() {
  const users = api.useQuery("get", "/api/v1/users");
  return (
    <Page
      title="Users"
      about="Who signs in to this account, and what they may do."
      actions={
        <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={openInvitation}>
          Invite somebody
        </Button>
      }
    >
      <Loaded query={users}>
        {(rows) => (
          <DataTable
            label="Users"
            columns={columns}
            rows={rows}
            idOf={(user) => user.id}
            empty={<Empty title="Nobody yet" />}
          />
        )}
      </Loaded>
    </Page>
  );
}

function openInvitation(): void {
  const id = modals.open({
    title: "Invite somebody",
    children: <InviteForm onDone={() => modals.close(id)} />,
  });
}
