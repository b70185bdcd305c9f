import { createRoute, lazyRouteComponent, redirect } from "@tanstack/react-router";
import { client } from "../api/client.ts";
import { meQuery } from "../api/me.ts";
import { rootRoute } from "../routes.tsx";

/** Only addresses of our own pages: never another site's. */
function ownAddress(value: unknown): string | undefined {
  return typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
}

const getParentRoute = () => rootRoute;

export const signInRoutes = [
  createRoute({
    getParentRoute,
    path: "/sign-in",
    validateSearch: (search): { next?: string; step?: "code"; refused?: string } => {
      const next = ownAddress(search.next);
      return {
        ...(next !== undefined && { next }),
        ...(search.step === "code" && { step: "code" as const }),
        ...(typeof search.refused === "string" && { refused: search.refused }),
      };
    },
    async beforeLoad() {
      const { data } = await client.GET("/api/v1/setup");
      if (data?.isNeeded) throw redirect({ to: "/setup" });
    },
    component: lazyRouteComponent(() => import("./sign-in-page.tsx"), "SignInPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/setup",
    async beforeLoad() {
      const { data } = await client.GET("/api/v1/setup");
      if (data && !data.isNeeded) throw redirect({ to: "/sign-in" });
    },
    component: lazyRouteComponent(() => import("./setup-page.tsx"), "SetupPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/forgotten",
    component: lazyRouteComponent(() => import("./forgotten-page.tsx"), "ForgottenPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/reset-password",
    component: lazyRouteComponent(() => import("./reset-password-page.tsx"), "ResetPasswordPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/enrol",
    async beforeLoad({ context }) {
      await context.memory.ensureQueryData(meQuery).catch(() => {
        throw redirect({ to: "/sign-in" });
      });
    },
    component: lazyRouteComponent(() => import("./enrol-page.tsx"), "EnrolPage"),
  }),
] as const;
