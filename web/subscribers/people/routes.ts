import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";
import { type Subject, subjects } from "./event-words.ts";

const getParentRoute = () => shellRoute;
const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

export const peopleRoutes = [
  createRoute({
    getParentRoute,
    path: "/subscribers",
    validateSearch: (search: Record<string, unknown>): { search?: string; cursor?: string } => {
      const [words, cursor] = [text(search.search), text(search.cursor)];
      return { ...(words && { search: words }), ...(cursor && { cursor }) };
    },
    component: lazyRouteComponent(() => import("./subscribers-page.tsx"), "SubscribersPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/subscribers/$subscriberId",
    validateSearch: (search: Record<string, unknown>): { cursor?: string; about?: Subject } => {
      const cursor = text(search.cursor);
      const about = subjects.find(({ value }) => value === search.about)?.value;
      return { ...(about && { about }), ...(cursor !== undefined && { cursor }) };
    },
    component: lazyRouteComponent(() => import("./subscriber-page.tsx"), "SubscriberPage"),
  }),
] as const;
