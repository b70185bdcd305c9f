import { bridgeRoutes } from "./bridge/routes.ts";
import { domainRoutes } from "./domains/routes.ts";
import { housekeepingRoutes } from "./housekeeping/routes.ts";
import { nightlyRoutes } from "./nightly/routes.ts";
import { accessRoutes } from "./people/routes.ts";
import { webhookRoutes } from "./webhooks/routes.ts";
import { writebackRoutes } from "./writebacks/routes.ts";

export const adminRoutes = [
  ...bridgeRoutes,
  ...writebackRoutes,
  ...nightlyRoutes,
  ...housekeepingRoutes,
  ...accessRoutes,
  ...domainRoutes,
  ...webhookRoutes,
] as const;
