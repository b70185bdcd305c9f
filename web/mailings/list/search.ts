export const mailingTabs = [
  "all",
  "draft",
  "scheduled",
  "in_progress",
  "on_hold",
  "sent",
  "cancelled",
  "archived",
] as const;
export type MailingTab = (typeof mailingTabs)[number];

/** What the address of the list keeps. */
export interface MailingsSearch {
  readonly tab?: MailingTab;
  readonly search?: string;
  readonly cursor?: string;
}

const text = (value: unknown) => (value === undefined || value === "" ? undefined : String(value));

export function readSearch(search: Record<string, unknown>): MailingsSearch {
  const found = {
    tab: mailingTabs.find((known) => known === search.tab && known !== "all"),
    search: text(search.search),
    cursor: text(search.cursor),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}
