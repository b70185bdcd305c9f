import { compoundRoutes } from "./compound/routes.ts";
import { groupRoutes } from "./group/routes.ts";
import { groupListRoutes } from "./groups/routes.ts";
import { peopleRoutes } from "./people/routes.ts";

export const subscriberRoutes = [...groupListRoutes, ...compoundRoutes, ...groupRoutes, ...peopleRoutes] as const;
