import { compoundRoutes } from "./compound/routes.ts";
import { groupRoutes } from "./group/routes.ts";
import { groupListRoutes } from "./groups/routes.ts";
import { peopleRoutes } from "./people/routes.ts";
import { uploadRoutes } from "./upload/routes.ts";

export const subscriberRoutes = [
  ...groupListRoutes,
  ...compoundRoutes,
  ...uploadRoutes,
  ...groupRoutes,
  ...peopleRoutes,
] as const;
