import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../routes.tsx";
import { type SyncState, stateWords, triggerWords } from "../ui/sync-words.ts";

const getParentRoute = () => shellRoute;

/** What the address of the list keeps. */
export interface SyncsSearch {
  readonly kind?: "list" | "subscriber";
  readonly trigger?: keyof typeof triggerWords;
  readonly state?: SyncState;
  readonly groupId?: string;
  readonly subscriberId?: number;
  readonly by?: string;
  /** Days of the account's calendar. */
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
}

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));
const keyOf = <T extends object>(words: T, value: unknown) =>
  (Object.keys(words) as (keyof T)[]).find((known) => known === value);
const day = (value: unknown) => (/^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined);

function readSearch(search: Record<string, unknown>): SyncsSearch {
  const person = Number(search.subscriberId);
  const found = {
    kind: keyOf({ list: 1, subscriber: 1 }, search.kind),
    trigger: keyOf(triggerWords, search.trigger),
    state: keyOf(stateWords, search.state),
    groupId: text(search.groupId),
    subscriberId: Number.isSafeInteger(person) && person > 0 ? person : undefined,
    by: text(search.by),
    from: day(search.from),
    to: day(search.to),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

const tabs = { added: 1, removed: 1, set_aside: 1, log: 1 } as const;

export const activityRoutes = [
  createRoute({
    getParentRoute,
    path: "/syncs",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./syncs-page.tsx"), "SyncsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/syncs/$syncId",
    validateSearch: (search: Record<string, unknown>): { tab?: keyof typeof tabs; cursor?: string } => {
      const tab = keyOf(tabs, search.tab);
      const cursor = text(search.cursor);
      return { ...(tab && { tab }), ...(cursor && { cursor }) };
    },
    component: lazyRouteComponent(() => import("./sync-page.tsx"), "SyncPage"),
  }),
] as const;
