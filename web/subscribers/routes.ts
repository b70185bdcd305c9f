import { groupRoutes } from "./group/routes.ts";
import { groupListRoutes } from "./groups/routes.ts";
import { peopleRoutes } from "./people/routes.ts";

export const subscriberRoutes = [...groupListRoutes, ...groupRoutes, ...peopleRoutes] as const;
