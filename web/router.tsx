import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { activityRoutes } from "./activity/routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import { homeRoutes } from "./home/routes.ts";
import { rootRoute, shellRoute } from "./routes.tsx";
import { signInRoutes } from "./sign-in/routes.ts";
import { staffRoutes } from "./staff/routes.ts";
import { subscriberRoutes } from "./subscribers/routes.ts";
import { Loading, ProblemAlert } from "./ui/states.tsx";

const tree = rootRoute.addChildren([
  ...signInRoutes,
  shellRoute.addChildren([...homeRoutes, ...subscriberRoutes, ...activityRoutes, ...adminRoutes, ...staffRoutes]),
]);

/** Every address of the pages. Pages are loaded when they are first gone to, or pointed at. */
export function createAppRouter(memory: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { memory },
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    scrollRestoration: true,
    search: { strict: true },
    defaultPendingMs: 300,
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error, reset }) => <ProblemAlert error={error} onRetry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
