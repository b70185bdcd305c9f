import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

export const bridgeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/admin/bridge",
    component: lazyRouteComponent(() => import("./bridge-page.tsx"), "BridgePage"),
  }),
] as const;
