import { bridgeRoutes } from "./bridge/routes.ts";
import { nightlyRoutes } from "./nightly/routes.ts";

export const adminRoutes = [...bridgeRoutes, ...nightlyRoutes] as const;
