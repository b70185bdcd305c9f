import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../routes.tsx";

export const homeRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/",
    component: lazyRouteComponent(() => import("./home-page.tsx"), "HomePage"),
  }),
] as const;
