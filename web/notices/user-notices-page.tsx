import { getRouteApi } from "@tanstack/react-router";
import { api, client } from "../api/client.ts";
import { useReask } from "../api/reask.ts";
import { Page } from "../ui/page.tsx";
import { Loaded } from "../ui/states.tsx";
import { NoticesForm } from "./notices-form.tsx";

const route = getRouteApi("/shell/admin/users/$userId/notices");

/** What one user is told by mail, chosen by an administrator. */
export function UserNoticesPage() {
  const { userId: id } = route.useParams();
  const users = api.useQuery("get", "/api/v1/users");
  const settings = api.useQuery("get", "/api/v1/users/{id}/notices", { params: { path: { id } } });
  const reask = useReask(`/users/{id}/notices`);
  const user = users.data?.find((one) => one.id === id);
  return (
    <Page
      title={user ? `Notices of ${user.name}` : "Notices"}
      about={<bdi>{user?.email}</bdi>}
      trail={[{ label: "Users", to: "/admin/users" }]}
    >
      <Loaded query={settings} lines={12}>
        {(found) => (
          <NoticesForm
            key={id}
            settings={found}
            save={async (choices) => {
              await client.PUT("/api/v1/users/{id}/notices", { params: { path: { id } }, body: { choices } });
              await reask();
            }}
          />
        )}
      </Loaded>
    </Page>
  );
}
