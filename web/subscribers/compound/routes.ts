import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

const getParentRoute = () => shellRoute;

export const compoundRoutes = [
  createRoute({
    getParentRoute,
    path: "/target-groups/new-compound",
    staticData: { permission: "target-groups:change" },
    validateSearch: (search: Record<string, unknown>): { folder?: string } =>
      typeof search.folder === "string" ? { folder: search.folder } : {},
    component: lazyRouteComponent(() => import("./compose-page.tsx"), "NewCompoundPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/target-groups/$groupId/compose",
    staticData: { permission: "target-groups:change" },
    component: lazyRouteComponent(() => import("./compose-page.tsx"), "ChangeCompoundPage"),
  }),
] as const;
