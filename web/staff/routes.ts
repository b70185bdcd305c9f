import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../routes.tsx";

export const staffRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/staff/accounts",
    staticData: { permission: "accounts:manage" },
    component: lazyRouteComponent(() => import("./accounts-page.tsx"), "AccountsPage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/staff/storage",
    staticData: { permission: "accounts:manage" },
    component: lazyRouteComponent(() => import("./storage-page.tsx"), "StoragePage"),
  }),
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/me",
    component: lazyRouteComponent(() => import("./me-page.tsx"), "MePage"),
  }),
] as const;
