import type { QueryClient } from "@tanstack/react-query";
import { type AnyRoute, createRouter, type RouteComponent } from "@tanstack/react-router";
import { activityRoutes } from "./activity/routes.ts";
import { adminRoutes } from "./admin/routes.ts";
import { homeRoutes } from "./home/routes.ts";
import { publishRoutes } from "./mailings/publish/routes.ts";
import { reportRoutes } from "./mailings/report/routes.ts";
import { mailingRoutes } from "./mailings/routes.ts";
import { noticeRoutes } from "./notices/routes.ts";
import { nowhereRoute, rootRoute, shellRoute } from "./routes.tsx";
import { signInRoutes } from "./sign-in/routes.ts";
import { staffRoutes } from "./staff/routes.ts";
import { subscriberRoutes } from "./subscribers/routes.ts";
import { Loading, ProblemAlert } from "./ui/states.tsx";

const tree = rootRoute.addChildren([
  ...signInRoutes,
  shellRoute.addChildren([
    ...homeRoutes,
    ...subscriberRoutes,
    ...publishRoutes,
    ...reportRoutes,
    ...mailingRoutes,
    ...activityRoutes,
    ...adminRoutes,
    ...staffRoutes,
    ...noticeRoutes,
    nowhereRoute,
  ]),
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

/**
 * Fetches the first page's code while the server is asked who is there: one after the other, a slow machine would wait
 * for both.
 */
export function startLoading(router: ReturnType<typeof createAppRouter>): void {
  const routes: Record<string, AnyRoute> = router.routesById;
  for (const { routeId } of router.matchRoutes(router.latestLocation) as readonly { routeId: string }[]) {
    const component: RouteComponent | undefined = routes[routeId]?.options.component;
    // What can't be fetched is fetched again, and told, when the page is shown.
    component?.preload?.()?.catch(() => {});
  }
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
  interface StaticDataRouteOption {
    /** Without it the page is of no use: who has it not is told so in its place. */
    readonly permission?: string;
  }
}
