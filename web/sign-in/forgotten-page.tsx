import { Alert, Anchor, Button, Stack, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";
import { Outside } from "./outside.tsx";

/** Asks for a link to a new password. The answer is the same for every address. */
export function ForgottenPage() {
  const [answer, setAnswer] = useState<string | null>(null);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { email: "" } });
  const submit = form.onSubmit((values) =>
    send(async (body) => {
      const { data } = await client.POST("/api/v1/password-reset", { body });
      setAnswer(data?.message ?? null);
    }, values),
  );
  return (
    <Outside title="A new password" about="You get a link by e-mail, with which you choose a new password.">
      {answer ? (
        <Alert color="step" role="status">
          {answer}
        </Alert>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack gap="md">
            {problem && <ProblemAlert error={problem} />}
            <TextInput
              label="E-mail"
              type="email"
              autoComplete="username"
              required
              autoFocus
              {...form.getInputProps("email")}
            />
            <Button type="submit" loading={isSending} fullWidth size="md">
              Send the link
            </Button>
          </Stack>
        </form>
      )}
      <Anchor component={Link} to="/sign-in" fz="sm">
        Back to the sign-in
      </Anchor>
    </Outside>
  );
}
