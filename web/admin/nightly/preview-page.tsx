import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { Page } from "../../ui/page.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Verdicts } from "./verdicts.tsx";

const route = getRouteApi("/shell/admin/nightly/preview");

/** What a Nightly Sync would take now, and why. */
export function PreviewPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const preview = api.useQuery("get", "/api/v1/nightly-runs/preview");
  return (
    <Page
      title="What the Nightly Sync would take"
      trail={[{ label: "Nightly Sync", to: "/admin/nightly" }]}
      about="If it began now."
    >
      <Loaded query={preview}>
        {(verdicts) => (
          <Verdicts
            verdicts={verdicts}
            search={search}
            onGo={(to) => void navigate({ search: to, resetScroll: false })}
          />
        )}
      </Loaded>
    </Page>
  );
}
