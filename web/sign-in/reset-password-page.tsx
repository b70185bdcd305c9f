import { Alert, Anchor, Button, PasswordInput, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";
import { Outside } from "./outside.tsx";

/** Where the link of an invitation or a reset leads. The token stands behind the `#`, which no server ever sees. */
export function ResetPasswordPage() {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get("token") ?? "");
  const [isDone, setIsDone] = useState(false);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { password: "" } });
  const submit = form.onSubmit(async (values) => {
    const confirm = ({ password }: typeof values) =>
      client.POST("/api/v1/password-reset/confirm", { body: { token, password } });
    if (await send(confirm, values)) setIsDone(true);
  });
  if (isDone) {
    return (
      <Outside title="Your password is set">
        <Alert color="step" role="status">
          Every earlier session is over. Sign in with the new password.
        </Alert>
        <Button component={Link} to="/sign-in" fullWidth size="md">
          Sign in
        </Button>
      </Outside>
    );
  }
  return (
    <Outside title="Choose a password" about="12 characters or more. A few words that don't belong together are best.">
      {token === "" && (
        <Alert color="orange" role="alert">
          The link was cut off on its way. Open it again as a whole, or ask for a new one.
        </Alert>
      )}
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {problem && <ProblemAlert error={problem} />}
          <PasswordInput
            label="New password"
            autoComplete="new-password"
            required
            autoFocus
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={isSending} disabled={token === ""} fullWidth size="md">
            Set the password
          </Button>
        </Stack>
      </form>
      <Anchor component={Link} to="/forgotten" fz="sm">
        Ask for a new link
      </Anchor>
    </Outside>
  );
}
