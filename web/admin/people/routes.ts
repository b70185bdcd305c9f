import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

const getParentRoute = () => shellRoute;
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));
const day = (value: unknown) => (/^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined);

/** What the address of the audit log keeps. */
export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
  /** Days of the account's calendar. */
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const found = {
    actor: text(search.actor),
    action: text(search.action),
    from: day(search.from),
    to: day(search.to),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export const accessRoutes = [
  createRoute({
    getParentRoute,
    path: "/admin/users",
    staticData: { permission: "users:manage" },
    component: lazyRouteComponent(() => import("./users-page.tsx"), "UsersPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/api-keys",
    staticData: { permission: "api-keys:manage" },
    component: lazyRouteComponent(() => import("./api-keys-page.tsx"), "ApiKeysPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/audit-log",
    staticData: { permission: "audit:read" },
    validateSearch: readAuditSearch,
    component: lazyRouteComponent(() => import("./audit-log-page.tsx"), "AuditLogPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/account",
    staticData: { permission: "account:change" },
    component: lazyRouteComponent(() => import("./account-page.tsx"), "AccountPage"),
  }),
] as const;
