import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

export const domainRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/admin/sending-domains",
    component: lazyRouteComponent(() => import("./domains-page.tsx"), "DomainsPage"),
  }),
] as const;
