import {
  IconActivity,
  IconBuildingBridge2,
  IconBuildingCommunity,
  IconCalendar,
  IconClipboardList,
  IconDatabase,
  IconHome,
  IconKey,
  IconMail,
  IconMailCheck,
  IconMoon,
  type IconProps,
  IconSettings,
  IconTemplate,
  IconTrash,
  IconUser,
  IconUsers,
  IconUsersGroup,
  IconWebhook,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

export interface MenuItem {
  readonly label: string;
  readonly to: string;
  readonly Icon: ComponentType<IconProps>;
  /** What a person must be allowed to for it to be shown. */
  readonly permission: string;
  /** After `g`: goes there by keyboard. */
  readonly key?: string;
}

/** The menu, as its users have it in their fingers. */
export const menu: readonly { readonly title: string | null; readonly items: readonly MenuItem[] }[] = [
  { title: null, items: [{ label: "Home", to: "/", Icon: IconHome, permission: "account:read", key: "h" }] },
  {
    title: "Subscribers",
    items: [
      {
        label: "Target Groups",
        to: "/target-groups",
        Icon: IconUsersGroup,
        permission: "target-groups:read",
        key: "t",
      },
      { label: "Subscribers", to: "/subscribers", Icon: IconUser, permission: "subscribers:read", key: "s" },
    ],
  },
  {
    title: "Mailings",
    items: [
      { label: "All mailings", to: "/mailings", Icon: IconMail, permission: "mailings:read", key: "m" },
      { label: "Calendar", to: "/mailings/calendar", Icon: IconCalendar, permission: "mailings:read", key: "c" },
      { label: "Templates", to: "/mailing-templates", Icon: IconTemplate, permission: "mailings:read" },
    ],
  },
  {
    title: "Activity",
    items: [{ label: "Syncs", to: "/syncs", Icon: IconActivity, permission: "syncs:read", key: "a" }],
  },
  {
    title: "Admin",
    items: [
      {
        label: "Bridge Configuration",
        to: "/admin/bridge",
        Icon: IconBuildingBridge2,
        permission: "bridge:read",
        key: "b",
      },
      { label: "Nightly Sync", to: "/admin/nightly", Icon: IconMoon, permission: "nightly:read", key: "n" },
      { label: "Housekeeping", to: "/admin/housekeeping", Icon: IconTrash, permission: "housekeeping:read" },
      {
        label: "Sending domains",
        to: "/admin/sending-domains",
        Icon: IconMailCheck,
        permission: "sending-domains:read",
      },
      { label: "Users", to: "/admin/users", Icon: IconUsers, permission: "users:manage", key: "u" },
      { label: "API keys", to: "/admin/api-keys", Icon: IconKey, permission: "api-keys:manage" },
      { label: "Webhooks", to: "/admin/webhooks", Icon: IconWebhook, permission: "webhooks:manage" },
      { label: "Audit log", to: "/admin/audit-log", Icon: IconClipboardList, permission: "audit:read" },
      { label: "Account settings", to: "/admin/account", Icon: IconSettings, permission: "account:change" },
    ],
  },
  {
    title: "Staff",
    items: [
      { label: "Accounts", to: "/staff/accounts", Icon: IconBuildingCommunity, permission: "accounts:manage" },
      { label: "Storage", to: "/staff/storage", Icon: IconDatabase, permission: "accounts:manage" },
    ],
  },
];
