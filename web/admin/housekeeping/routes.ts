import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

export const housekeepingRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/admin/housekeeping",
    staticData: { permission: "housekeeping:read" },
    validateSearch: (search: Record<string, unknown>): { readonly cursor?: string } =>
      typeof search.cursor === "string" ? { cursor: search.cursor } : {},
    component: lazyRouteComponent(() => import("./housekeeping-page.tsx"), "HousekeepingPage"),
  }),
] as const;
