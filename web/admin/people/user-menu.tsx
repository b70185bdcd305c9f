import { ActionIcon, Menu } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconCheck, IconDotsVertical } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { LinkDelivered } from "./invite-form.tsx";
import { type Role, roleWords } from "./role-words.ts";

/** What an administrator can do with a user. */
export function UserMenu({ user }: { readonly user: Schema<"User"> }) {
  const onSettled = useReask("/users", "/me");
  const options = { onError: tellProblem, onSettled };
  const change = api.useMutation("patch", "/api/v1/users/{id}", options);
  const reset = api.useMutation("post", "/api/v1/users/{id}/reset-password", options);
  const removeFactor = api.useMutation("delete", "/api/v1/users/{id}/second-factor", options);
  const params = { path: { id: user.id } };
  const isDisabled = user.state === "disabled";
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`${user.name}: menu`}>
          <IconDotsVertical size={17} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Role</Menu.Label>
        {Object.entries(roleWords).map(([role, { word }]) => (
          <Menu.Item
            key={role}
            leftSection={role === user.role ? <IconCheck size={15} aria-label="now" /> : <span style={{ width: 15 }} />}
            disabled={role === user.role}
            onClick={() => change.mutate({ params, body: { role: role as Role } })}
          >
            {word}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          onClick={() =>
            reset.mutate(
              { params },
              {
                onSuccess: (delivery) =>
                  modals.open({
                    title: `A new password for ${user.name}`,
                    children: <LinkDelivered delivery={delivery} />,
                  }),
              },
            )
          }
        >
          Give a link to a new password
        </Menu.Item>
        {user.hasSecondFactor && (
          <Menu.Item
            onClick={() =>
              removeFactor.mutate(
                { params },
                { onSuccess: () => tell({ title: `${user.name} signs in without a second factor now` }) },
              )
            }
          >
            Remove the second factor
          </Menu.Item>
        )}
        <Menu.Item component={Link} to={`/admin/users/${user.id}/notices`}>
          Choose their notices
        </Menu.Item>
        <Menu.Item onClick={() => change.mutate({ params, body: { isDisabled: !isDisabled } })}>
          {isDisabled ? "Enable" : "Disable: nobody signs in with it"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
