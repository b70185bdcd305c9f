import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

const getParentRoute = () => shellRoute;

/** Which groups of a run are shown: those it took, or those it left out; and behind how many others. */
export interface VerdictsSearch {
  readonly shown?: "taken" | "left_out";
  readonly behind?: number;
}

function readSearch(search: Record<string, unknown>): VerdictsSearch {
  const behind = Number(search.behind);
  return {
    ...((search.shown === "taken" || search.shown === "left_out") && { shown: search.shown }),
    ...(Number.isSafeInteger(behind) && behind > 0 && { behind }),
  };
}

/** Which page of the runs. */
function readPage(search: Record<string, unknown>): { cursor?: string } {
  return typeof search.cursor === "string" ? { cursor: search.cursor } : {};
}

export const nightlyRoutes = [
  createRoute({
    getParentRoute,
    path: "/admin/nightly",
    validateSearch: readPage,
    component: lazyRouteComponent(() => import("./nightly-page.tsx"), "NightlyPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/nightly/preview",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./preview-page.tsx"), "PreviewPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/nightly/$runId",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./run-page.tsx"), "RunPage"),
  }),
] as const;
