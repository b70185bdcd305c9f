import { api, client } from "../api/client.ts";
import { useMe } from "../api/me.ts";
import { useReask } from "../api/reask.ts";
import { Page } from "../ui/page.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { NoticesForm } from "./notices-form.tsx";

/** What you are told by mail. */
export function OwnNoticesPage() {
  const { user } = useMe();
  return (
    <Page title="Notices" about="What Lockstep tells you by mail.">
      {user.isStaff ? (
        <Empty title="Staff get no notices">They belong to no account. Its own users choose what they are told.</Empty>
      ) : (
        <Own />
      )}
    </Page>
  );
}

function Own() {
  const settings = api.useQuery("get", "/api/v1/me/notices");
  const reask = useReask("/me/notices");
  return (
    <Loaded query={settings} lines={12}>
      {(found) => (
        <NoticesForm
          settings={found}
          save={async (choices) => {
            await client.PUT("/api/v1/me/notices", { body: { choices } });
            await reask();
          }}
        />
      )}
    </Loaded>
  );
}
