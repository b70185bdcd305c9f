import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../routes.tsx";

const getParentRoute = () => shellRoute;

export const noticeRoutes = [
  createRoute({
    getParentRoute,
    path: "/me/notices",
    component: lazyRouteComponent(() => import("./own-notices-page.tsx"), "OwnNoticesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/users/$userId/notices",
    staticData: { permission: "users:manage" },
    component: lazyRouteComponent(() => import("./user-notices-page.tsx"), "UserNoticesPage"),
  }),
] as const;
