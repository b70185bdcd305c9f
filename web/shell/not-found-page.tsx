import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Empty } from "../ui/states.tsx";

/** An address that leads nowhere. */
export function NotFoundPage() {
  return (
    <Empty
      title="There is nothing at this address"
      action={
        <Anchor component={Link} to="/">
          Go to Home
        </Anchor>
      }
    >
      It may have been deleted, or the address may have been cut off on its way to you.
    </Empty>
  );
}
