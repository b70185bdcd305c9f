import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Schema } from "../../api/client.ts";
import { shellRoute } from "../../routes.tsx";

const getParentRoute = () => shellRoute;

type State = Schema<"WebhookDelivery">["state"];
const states: readonly string[] = ["waiting", "sending", "delivered", "given_up"] satisfies readonly State[];

/** What the address of a webhook's log keeps. */
export interface LogSearch {
  readonly state?: State;
  readonly cursor?: string;
  /** The delivery that is looked at. */
  readonly event?: string;
}

function readLogSearch({ state, cursor, event }: Record<string, unknown>): LogSearch {
  return {
    ...(states.includes(String(state)) && { state: state as State }),
    ...(typeof cursor === "string" && cursor !== "" && { cursor }),
    ...(typeof event === "string" && event !== "" && { event }),
  };
}

export const webhookRoutes = [
  createRoute({
    getParentRoute,
    path: "/admin/webhooks",
    staticData: { permission: "webhooks:manage" },
    component: lazyRouteComponent(() => import("./webhooks-page.tsx"), "WebhooksPage"),
  }),
  createRoute({
    getParentRoute,
    path: "/admin/webhooks/$webhookId",
    staticData: { permission: "webhooks:manage" },
    validateSearch: readLogSearch,
    component: lazyRouteComponent(() => import("./webhook-page.tsx"), "WebhookPage"),
  }),
] as const;
