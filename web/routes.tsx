import { Notifications } from "@mantine/notifications";
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import { toProblem } from "./api/client.ts";
import { type Me, meQuery } from "./api/me.ts";
import { NothingHere } from "./ui/states.tsx";

export const rootRoute = createRootRouteWithContext<{ readonly memory: QueryClient }>()({
  component: Root,
});

/** Toasts stand inside the router: their links lead somewhere. */
function Root() {
  return (
    <>
      <Notifications position="bottom-right" limit={3} />
      <Outlet />
    </>
  );
}

/** Where a person goes before anything else, if anywhere. */
function wayOf(me: Me, path: string): string | undefined {
  if (me.mustEnrolSecondFactor) return "/enrol";
  if (me.account === null && !path.startsWith("/staff") && !path.startsWith("/me")) return "/staff/accounts";
  return undefined;
}

/** Everything that needs a sign-in, in the frame with the menu. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "shell",
  component: lazyRouteComponent(() => import("./shell/shell.tsx"), "Shell"),
  async beforeLoad({ context, location }) {
    const me = await context.memory.ensureQueryData(meQuery).catch((error: unknown) => {
      if (toProblem(error).status !== 401) throw error;
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
    });
    const way = wayOf(me as Me, location.pathname);
    if (way !== undefined) throw redirect({ to: way });
  },
});

/** Every other address leads nowhere, in the same frame. */
export const nowhereRoute = createRoute({ getParentRoute: () => shellRoute, path: "$", component: NothingHere });
