import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { Page } from "../../ui/page.tsx";
import { Pager } from "../../ui/pager.tsx";
import { SearchBox } from "../../ui/search-box.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";
import { MailingTable } from "./mailing-table.tsx";
import { NewMailingModal } from "./new-mailing.tsx";

const route = getRouteApi("/shell/mailing-templates");

/** Mailings › Templates: what new mailings begin with. */
export function TemplatesPage() {
  const { search, cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const mayWrite = useMay("mailings:write");
  const [isMaking, making] = useDisclosure(false);
  const templates = api.useQuery(
    "get",
    "/api/v1/mailings",
    { params: { query: { template: "true", limit: 50, ...(search && { search }), ...(cursor && { cursor }) } } },
    { placeholderData: keepPreviousData },
  );
  return (
    <Page
      title="Templates"
      about="What new mailings begin with: your colours, your footer, the blocks that come every time."
      actions={
        mayWrite && (
          <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={making.open}>
            New template
          </Button>
        )
      }
    >
      <SearchBox
        label="Find a template"
        placeholder="Part of its name or subject"
        value={search ?? ""}
        onSearch={(words) => void navigate({ search: words === "" ? {} : { search: words }, replace: true })}
        maw={480}
      />
      <Loaded query={templates} lines={8}>
        {({ items, next }) => (
          <div>
            <MailingTable
              items={items}
              areTemplates
              empty={
                search ? (
                  <Empty
                    title={`No template matches “${search}”`}
                    action={
                      <Button variant="default" onClick={() => void navigate({ search: {} })}>
                        Clear
                      </Button>
                    }
                  />
                ) : (
                  <Empty
                    title="No templates yet"
                    action={mayWrite && <Button onClick={making.open}>Make a template</Button>}
                  >
                    Make one here, or choose “Make a template of it” in the menu of a mailing that turned out well.
                  </Empty>
                )
              }
            />
            <Pager
              cursor={cursor}
              next={next}
              onGo={(to) => void navigate({ search: { ...(search && { search }), ...(to && { cursor: to }) } })}
            />
          </div>
        )}
      </Loaded>
      {isMaking && <NewMailingModal isTemplate onClose={making.close} />}
    </Page>
  );
}
