import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { type Answer, answerWords } from "./words.ts";

const getParentRoute = () => shellRoute;
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));
const known = <T extends object>(search: T) =>
  Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };

/** What the address of a report keeps. */
export interface ReportSearch {
  readonly by?: "hour" | "day";
  readonly answer?: Answer;
  readonly search?: string;
  readonly cursor?: string;
}

function readReportSearch(search: Record<string, unknown>): ReportSearch {
  return known({
    by: (["hour", "day"] as const).find((by) => by === search.by),
    answer: (Object.keys(answerWords) as Answer[]).find((answer) => answer === search.answer),
    search: text(search.search),
    cursor: text(search.cursor),
  });
}

/** What the address of the calendar keeps. */
export interface CalendarSearch {
  /** Of the account's calendar: `2026-11`. */
  readonly month?: string;
  readonly view?: "list";
}

function readCalendarSearch(search: Record<string, unknown>): CalendarSearch {
  const month = String(search.month);
  return known({
    month: /^[2-9]\d{3}-(0[1-9]|1[0-2])$/.test(month) ? month : undefined,
    view: search.view === "list" ? ("list" as const) : undefined,
  });
}

export const reportRoutes = [
  createRoute({
    getParentRoute,
    path: "/instances/$instanceId/report",
    validateSearch: readReportSearch,
    component: lazyRouteComponent(() => import("./report-page.tsx"), "ReportPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/mailings/calendar",
    validateSearch: readCalendarSearch,
    component: lazyRouteComponent(() => import("../calendar/calendar-page.tsx"), "CalendarPage"),
  }),
] as const;
