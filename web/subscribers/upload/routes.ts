import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { shellRoute } from "../../routes.tsx";

/** What the address of an upload keeps: the file, once it is there, and where it goes. */
export interface UploadSearch {
  readonly upload?: string;
  /** The static group that the file goes into; left out for a new one. */
  readonly group?: string;
  /** The folder of a new one. */
  readonly folder?: string;
}

function readSearch(search: Record<string, unknown>): UploadSearch {
  const kept = Object.entries(search).filter(
    ([key, value]) => ["upload", "group", "folder"].includes(key) && typeof value === "string" && value !== "",
  );
  return Object.fromEntries(kept);
}

export const uploadRoutes = [
  createRoute({
    getParentRoute: () => shellRoute,
    path: "/target-groups/upload",
    staticData: { permission: "target-groups:change" },
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./upload-page.tsx"), "UploadPage"),
  }),
] as const;
