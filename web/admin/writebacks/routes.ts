import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { typeWords, type Writeback, type WritebackState, writebackWords } from "./words.ts";

/** What the address of the Writeback List keeps. */
export interface WritebacksSearch {
  readonly state?: WritebackState;
  readonly type?: Writeback["type"];
  readonly search?: string;
  /** Days of the account's calendar. */
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  /** The one whose details are open. */
  readonly open?: number;
}

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));
const keyOf = <T extends object>(words: T, value: unknown) =>
  (Object.keys(words) as (keyof T)[]).find((known) => known === value);
const day = (value: unknown) => (/^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? String(value) : undefined);

function readSearch(search: Record<string, unknown>): WritebacksSearch {
  const open = Number(search.open);
  const found = {
    state: keyOf(writebackWords, search.state),
    type: keyOf(typeWords, search.type),
    search: text(search.search)?.slice(0, 320),
    from: day(search.from),
    to: day(search.to),
    cursor: text(search.cursor),
    open: Number.isSafeInteger(open) && open > 0 ? open : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

export const writebackRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/admin/bridge/writebacks",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./writebacks-page.tsx"), "WritebacksPage"),
  }),
] as const;
