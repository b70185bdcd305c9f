import { Button, CopyButton, VisuallyHidden } from "@mantine/core";
import { IconCheck, IconLink } from "@tabler/icons-react";

/** Copies the address of the page, without what is open in it, for somebody of the same account. */
export function CopyLink() {
  const { origin, pathname } = window.location;
  return (
    <CopyButton value={`${origin}${pathname}`} timeout={2000}>
      {({ copied, copy }) => (
        <>
          <Button
            variant="default"
            leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconLink size={16} aria-hidden />}
            onClick={copy}
          >
            {copied ? "Copied" : "Copy link"}
          </Button>
          <VisuallyHidden role="status">{copied && "The link is copied"}</VisuallyHidden>
        </>
      )}
    </CopyButton>
  );
}
