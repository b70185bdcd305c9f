import { Button, Divider, Modal, Stack, Text } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { client } from "../api/client.ts";
import { useMe } from "../api/me.ts";
import { sessionOver } from "../api/session-over.ts";
import { SignInForm } from "../sign-in/sign-in-form.tsx";

/** The session ended under an open page: sign in over it, and go on with what was typed. */
export function SessionOverModal() {
  const isOver = useSyncExternalStore(sessionOver.subscribe, sessionOver.isOver);
  const memory = useQueryClient();
  const { user, providerSignIn } = useMe();
  const goOn = () => {
    sessionOver.end();
    void memory.invalidateQueries();
  };
  return (
    <Modal opened={isOver} onClose={() => {}} withCloseButton={false} title="Your session is over">
      <Text size="sm" c="dimmed" mb="md">
        Sign in again to go on. What you typed on this page is still there.
      </Text>
      {providerSignIn && <ByProvider address={providerSignIn.address} onDone={goOn} />}
      {providerSignIn && !providerSignIn.isOnlyWay && <Divider label="or by your password" my="md" />}
      {!providerSignIn?.isOnlyWay && <SignInForm email={user.email} onDone={goOn} />}
    </Modal>
  );
}

/** The provider's pages open beside this one, which would lose what was typed; it goes on when somebody is back. */
function ByProvider({ address, onDone }: { readonly address: string; readonly onDone: () => void }) {
  useEffect(() => {
    const look = async () => {
      const isBack = await client.GET("/api/v1/me").then(
        () => true,
        () => false,
      );
      if (isBack) onDone();
    };
    addEventListener("focus", look);
    return () => removeEventListener("focus", look);
  }, [onDone]);
  return (
    <Stack gap={6}>
      <Button
        component="a"
        href={address}
        target="_blank"
        rel="noopener"
        fullWidth
        size="md"
        rightSection={<IconExternalLink size={16} aria-hidden />}
      >
        Sign in by your provider
      </Button>
      <Text size="xs" c="dimmed">
        It opens in a new tab. Come back to this one then: it goes on by itself.
      </Text>
    </Stack>
  );
}
