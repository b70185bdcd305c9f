import { Text } from "@mantine/core";
import { api } from "../../api/client.ts";
import type { ListedMailing } from "../mailing.ts";

/** Whom it goes to, in names as far as they are at hand: the first, and how many more. */
export function AudienceNames({ audience: { to, notTo } }: Pick<ListedMailing, "audience">) {
  const groups = api.useQuery(
    "get",
    "/api/v1/target-groups",
    { params: { query: { limit: 200 } } },
    { staleTime: 60_000 },
  );
  if (to.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody yet
      </Text>
    );
  }
  const names = to.flatMap((id) => groups.data?.items.find((group) => group.id === id)?.name ?? []);
  const [first] = names;
  const more = to.length - 1;
  return (
    <div style={{ maxWidth: "16rem" }}>
      <Text size="sm" lineClamp={1}>
        {first === undefined ? `${to.length} ${to.length === 1 ? "group" : "groups"}` : <bdi>{first}</bdi>}
        {first !== undefined && more > 0 && ` and ${more} more`}
      </Text>
      {notTo.length > 0 && (
        <Text size="xs" c="dimmed">
          without {notTo.length} {notTo.length === 1 ? "group" : "groups"}
        </Text>
      )}
    </div>
  );
}
