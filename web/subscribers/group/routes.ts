import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { type CountStep, countSteps } from "./count-steps.ts";
import { groupQuery, groupSyncsQuery } from "./queries.ts";

const tabs = ["people", "syncs", "used", "settings"] as const;

/** What the address of Count Details keeps beside the group: what is open below the chain. */
export interface GroupSearch {
  readonly tab?: (typeof tabs)[number];
  readonly step?: CountStep;
  readonly search?: string;
  /** A past moment, as an instant. */
  readonly at?: string;
  readonly cursor?: string;
  /** Which page of the records that can't be used: they stand below the members of all records. */
  readonly rejects?: string;
}

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
  values.find((known) => known === value);
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

function readSearch(search: Record<string, unknown>): GroupSearch {
  const found = {
    tab: oneOf(tabs, search.tab),
    step: oneOf(countSteps, search.step),
    search: text(search.search),
    at: text(search.at),
    cursor: text(search.cursor),
    rejects: text(search.rejects),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** What the address of a review keeps: who is shown. */
export interface ReviewSearch {
  readonly kind?: "added" | "removed" | "updated";
  readonly search?: string;
  readonly cursor?: string;
}

function readReviewSearch(search: Record<string, unknown>): ReviewSearch {
  const found = {
    kind: oneOf(["added", "removed", "updated"] as const, search.kind),
    search: text(search.search),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const getParentRoute = () => shellRoute;

export const groupRoutes = [
  createRoute({
    getParentRoute,
    path: "/target-groups/$groupId",
    validateSearch: readSearch,
    loader: ({ context, params: { groupId } }) => {
      void context.memory.prefetchQuery(groupQuery(groupId));
      void context.memory.prefetchQuery(groupSyncsQuery(groupId));
    },
    component: lazyRouteComponent(() => import("./group-page.tsx"), "GroupPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/syncs/$syncId/review",
    validateSearch: readReviewSearch,
    component: lazyRouteComponent(() => import("./review-page.tsx"), "ReviewPage"),
  }),
] as const;
