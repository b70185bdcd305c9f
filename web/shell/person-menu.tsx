import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import {
  IconBell,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconShieldLock,
  IconSun,
  IconUser,
} from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { useMe } from "../api/me.ts";

/** Who is signed in: their security page, light or dark, and the way out. */
export function PersonMenu() {
  const { user } = useMe();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const memory = useQueryClient();
  const navigate = useNavigate();
  const signOut = api.useMutation("delete", "/api/v1/session", {
    onSettled: async () => {
      await navigate({ to: "/sign-in" });
      memory.clear();
    },
  });
  const schemes = [
    ["light", "Light", IconSun],
    ["dark", "Dark", IconMoon],
    ["auto", "As the system", IconDeviceDesktop],
  ] as const;
  return (
    <Menu position="bottom-end" width={240} withinPortal>
      <Menu.Target>
        <UnstyledButton aria-label={`${user.name}: your menu`}>
          <Avatar color="step" radius="xl" size={34}>
            <IconUser size={19} aria-hidden />
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <Text size="sm" fw={600} c="var(--mantine-color-text)" component="div">
            <bdi>{user.name}</bdi>
          </Text>
          {user.email}
        </Menu.Label>
        <Menu.Item component={Link} to="/me" leftSection={<IconShieldLock size={16} aria-hidden />}>
          Your sign-in
        </Menu.Item>
        <Menu.Item component={Link} to="/me/notices" leftSection={<IconBell size={16} aria-hidden />}>
          Notices
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Look</Menu.Label>
        {schemes.map(([value, label, Icon]) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} aria-hidden />}
            onClick={() => setColorScheme(value)}
            {...(colorScheme === value && { fw: 600, "aria-current": true })}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate({})}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
