import { bridgeRoutes } from "./bridge/routes.ts";
import { domainRoutes } from "./domains/routes.ts";
import { nightlyRoutes } from "./nightly/routes.ts";
import { accessRoutes } from "./people/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";

export const adminRoutes = [
  ...bridgeRoutes,
  ...nightlyRoutes,
  ...accessRoutes,
  ...domainRoutes,
  ...webhookRoutes,
] as const;
