import { groupRoutes } from "./group/routes.ts";
import { groupListRoutes } from "./groups/routes.ts";

export const subscriberRoutes = [...groupListRoutes, ...groupRoutes] as const;
