import { Button, Tabs } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { MailingTable } from "./mailing-table.tsx";
import { NewMailingModal } from "./new-mailing.tsx";
import { type MailingsSearch, type MailingTab, mailingTabs } from "./search.ts";
import { mailingStateWords } from "./state-words.ts";

const route = getRouteApi("/shell/mailings");

const wordOf = (tab: MailingTab) =>
  tab === "all" ? "All" : tab === "archived" ? "Archived" : tab === "draft" ? "Drafts" : mailingStateWords[tab].word;

/** Mailings › All mailings: by state, found by name or subject, the last changed first. */
export function MailingsPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { count } = useNumbers();
  const mayWrite = useMay("mailings:write");
  const [isMaking, making] = useDisclosure(false);
  const { tab = "all", search: words, cursor } = search;
  const go = (next: MailingsSearch) => void navigate({ search: next, resetScroll: false });
  const mailings = api.useQuery(
    "get",
    "/api/v1/mailings",
    {
      params: {
        query: {
          limit: 50,
          ...(tab === "archived" && { archived: "true" as const }),
          ...(tab !== "all" && tab !== "archived" && { state: tab }),
          ...(words && { search: words }),
          ...(cursor && { cursor }),
        },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const counts = mailings.data?.counts ?? {};
  return (
    <Page
      title="Mailings"
      about="What you write to your members. It goes out only to groups that were synced a moment before."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={making.open}>
            New mailing
          </Button>
        )
      }
    >
      <Tabs
        value={tab}
        onChange={(to) => go({ ...(to && to !== "all" && { tab: to as MailingTab }), ...(words && { search: words }) })}
      >
        <Tabs.List aria-label="State">
          {mailingTabs.map((one) => (
            <Tabs.Tab
              key={one}
              value={one}
              style={{ flexShrink: 0 }}
              {...(counts[one] && { rightSection: <span className="number">{count(counts[one])}</span> })}
            >
              {wordOf(one)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {mailingTabs.map((one) => (
          <Tabs.Panel key={one} value={one} pt="md">
            {one === tab && (
              <>
                <SearchBox
                  label="Find a mailing"
                  placeholder="Part of its name or subject"
                  value={words ?? ""}
                  onSearch={(typed) => go({ ...(tab !== "all" && { tab }), ...(typed && { search: typed }) })}
                  maw={480}
                  mb="md"
                />
                <Loaded query={mailings} lines={10}>
                  {({ items, next }) => (
                    <div style={{ opacity: mailings.isPlaceholderData ? 0.6 : 1 }}>
                      <MailingTable
                        items={items}
                        empty={
                          words ? (
                            <Empty
                              title={`No mailing matches “${words}”`}
                              action={
                                <Button variant="default" onClick={() => go(tab === "all" ? {} : { tab })}>
                                  Clear
                                </Button>
                              }
                            />
                          ) : (
                            <Nothing tab={tab} onMake={mayWrite ? making.open : null} />
                          )
                        }
                      />
                      <Pager
                        cursor={cursor}
                        next={next}
                        onGo={(to) => {
                          const { cursor: _, ...kept } = search;
                          go({ ...kept, ...(to && { cursor: to }) });
                        }}
                      />
                    </div>
                  )}
                </Loaded>
              </>
            )}
          </Tabs.Panel>
        ))}
      </Tabs>
      {isMaking && <NewMailingModal isTemplate={false} onClose={making.close} />}
    </Page>
  );
}

const nothing: Readonly<Record<Exclude<MailingTab, "all">, readonly [title: string, about: string]>> = {
  draft: ["No drafts", "A mailing is a draft until it is published."],
  scheduled: ["Nothing is scheduled", "On its Publish page a mailing can be given a day and a time."],
  in_progress: ["Nothing is going out", "While a mailing syncs its groups and is sent, it stands here."],
  on_hold: ["Nothing is on hold", "A mailing waits here when a sync failed or something needs your decision."],
  sent: ["Nothing was sent yet", "Sent mailings stand here, with a way to their reports."],
  cancelled: ["Nothing was cancelled", "A mailing that was stopped before its end stands here."],
  archived: ["Nothing is archived", "Archive what you don't want to see among the others; it can be brought back."],
};

function Nothing({ tab, onMake }: { readonly tab: MailingTab; readonly onMake: (() => void) | null }) {
  const [title, about] =
    tab === "all"
      ? [
          "No mailings yet",
          "Write the first: give it a name, choose its groups, and look at it as any member before it goes out. About ten minutes.",
        ]
      : nothing[tab];
  return (
    <Empty title={title} action={tab === "all" && onMake && <Button onClick={onMake}>Write a mailing</Button>}>
      {about}
    </Empty>
  );
}
