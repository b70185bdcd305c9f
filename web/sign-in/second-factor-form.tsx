import { Anchor, Button, Group, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";

/** The authenticator's six digits, or one of the recovery codes. */
export function SecondFactorForm({ onDone, onBack }: { readonly onDone: () => void; readonly onBack: () => void }) {
  const [isRecovery, setIsRecovery] = useState(false);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { code: "" } });
  const submit = form.onSubmit(async (values) => {
    if (await send((body) => client.POST("/api/v1/session/second-factor", { body }), values)) onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem && <ProblemAlert error={problem} />}
        <TextInput
          key={isRecovery ? "recovery" : "code"}
          label={isRecovery ? "Recovery code" : "Code from your authenticator app"}
          autoComplete="one-time-code"
          inputMode={isRecovery ? "text" : "numeric"}
          required
          autoFocus
          {...form.getInputProps("code")}
        />
        <Button type="submit" loading={isSending} fullWidth size="md">
          Go on
        </Button>
        <Group justify="space-between">
          <Anchor component="button" type="button" fz="sm" onClick={onBack}>
            Back
          </Anchor>
          <Anchor component="button" type="button" fz="sm" onClick={() => setIsRecovery(!isRecovery)}>
            {isRecovery ? "Use the app's code" : "Use a recovery code"}
          </Anchor>
        </Group>
      </Stack>
    </form>
  );
}
