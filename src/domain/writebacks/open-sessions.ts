/** Sessions that this process has open for writebacks, by their ids. */
export const openSessions = new Set<string>();
