import { Modal, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useMe } from "../api/me.ts";
import { sessionOver } from "../api/session-over.ts";
import { SignInForm } from "../sign-in/sign-in-form.tsx";

/** The session ended under an open page: sign in over it, and go on with what was typed. */
export function SessionOverModal() {
  const isOver = useSyncExternalStore(sessionOver.subscribe, sessionOver.isOver);
  const memory = useQueryClient();
  const { user } = useMe();
  const goOn = () => {
    sessionOver.end();
    void memory.invalidateQueries();
  };
  return (
    <Modal opened={isOver} onClose={() => {}} withCloseButton={false} title="Your session is over">
      <Text size="sm" c="dimmed" mb="md">
        Sign in again to go on. What you typed on this page is still there.
      </Text>
      <SignInForm email={user.email} onDone={goOn} />
    </Modal>
  );
}
