import { getRouteApi } from "@tanstack/react-router";
import { api, client, type Schema } from "../../api/client.ts";
import { Page } from "../../ui/page.tsx";
import { Loaded } from "../../ui/states.tsx";
import { Composer } from "./composer.tsx";
import { noLists, toBody, toLists } from "./composition.ts";

const newRoute = getRouteApi("/shell/target-groups/new-compound");
const changeRoute = getRouteApi("/shell/target-groups/$groupId/compose");
const trail = [{ label: "Target Groups", to: "/target-groups" }] as const;
const about = "Made of other groups, of any kind. It has no people of its own: whoever is in them now is in it.";

/** Subscribers › Target Groups › New compound group. (product 3.1) */
export function NewCompoundPage() {
  const { folder = null } = newRoute.useSearch();
  return (
    <Page title="New compound group" trail={trail} about={about}>
      <Composer
        name=""
        lists={noLists}
        groupId={null}
        save={async (name, lists) => {
          const { data } = await client.POST("/api/v1/target-groups/compounds", {
            body: { name, folderId: folder, ...toBody(lists) },
          });
          return (data as Schema<"TargetGroup">).id;
        }}
      />
    </Page>
  );
}

/** The same page for a group that is there. */
export function ChangeCompoundPage() {
  const { groupId } = changeRoute.useParams();
  const params = { path: { id: groupId } };
  const group = api.useQuery("get", "/api/v1/target-groups/{id}", { params });
  const measured = api.useQuery("get", "/api/v1/target-groups/{id}/composition", { params });
  return (
    <Loaded query={group}>
      {({ name, version }) => (
        <Page title={name} trail={[...trail, { label: name, to: `/target-groups/${groupId}` }]} about={about}>
          <Loaded query={measured}>
            {(found) => (
              <Composer
                name={name}
                lists={toLists(found)}
                groupId={groupId}
                save={async (next, lists) => {
                  await client.PUT("/api/v1/target-groups/{id}/composition", {
                    params,
                    body: { name: next, version, ...toBody(lists) },
                  });
                  return groupId;
                }}
              />
            )}
          </Loaded>
        </Page>
      )}
    </Loaded>
  );
}
