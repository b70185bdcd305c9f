import { groupRoutes } from "./group/routes.ts";

export const subscriberRoutes = [...groupRoutes] as const;
