export const subscriberRoutes = [] as const;
