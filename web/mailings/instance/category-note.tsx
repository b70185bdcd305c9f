import { Badge, Tooltip } from "@mantine/core";
import type { Schema } from "../../api/client.ts";

const about = "Its opt-out category in netFORUM Pro when it was published. A note: it left nobody out.";

/** The opt-out category that a publishing was of; nothing where there was none. */
export function CategoryNote({ instance }: { readonly instance: Pick<Schema<"Instance">, "optOutCategory"> }) {
  if (instance.optOutCategory === null) return null;
  return (
    <Tooltip label={about} multiline maw={280}>
      <Badge color="gray" variant="outline" tt="none" maw="100%">
        Opt-out category: <bdi>{instance.optOutCategory}</bdi>
      </Badge>
    </Tooltip>
  );
}
