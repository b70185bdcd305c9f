import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../routes.tsx";
import { readSearch } from "./list/search.ts";

const getParentRoute = () => shellRoute;

/** The editor's code is large: it comes with the first mailing that is opened. */
export const mailingRoutes = [
  createRoute({
    getParentRoute,
    path: "/mailings",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./list/mailings-page.tsx"), "MailingsPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/mailings/$mailingId",
    component: lazyRouteComponent(() => import("./editor/editor-page.tsx"), "MailingEditorPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/mailing-templates",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./list/templates-page.tsx"), "TemplatesPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/mailing-templates/$mailingId",
    component: lazyRouteComponent(() => import("./editor/editor-page.tsx"), "TemplateEditorPage"),
  }),
] as const;
