import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { recipientWords } from "../instance/words.ts";

const getParentRoute = () => shellRoute;

const tabs = ["recipients", "left_out", "story"] as const;

/** What the address of a publishing keeps. */
export interface InstanceSearch {
  readonly tab?: (typeof tabs)[number];
  readonly state?: keyof typeof recipientWords;
  readonly reason?: string;
  readonly search?: string;
  readonly cursor?: string;
}

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

function readSearch(search: Record<string, unknown>): InstanceSearch {
  const found = {
    tab: tabs.find((known) => known === search.tab),
    state: (Object.keys(recipientWords) as (keyof typeof recipientWords)[]).find((known) => known === search.state),
    reason: text(search.reason),
    search: text(search.search),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export const publishRoutes = [
  createRoute({
    getParentRoute,
    path: "/mailings/$mailingId/publish",
    component: lazyRouteComponent(() => import("./publish-page.tsx"), "PublishPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/instances/$instanceId",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("../instance/instance-page.tsx"), "InstancePage"),
  }),
] as const;
