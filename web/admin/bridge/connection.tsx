import { Button, Group, PasswordInput, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { ProblemAlert } from "../../ui/states.tsx";

interface ConnectionProps {
  readonly bridge: Schema<"Bridge"> | null;
  readonly mayChange: boolean;
}

/** Address, user, password (which nobody can read back) and the active switch. */
export function Connection({ bridge, mayChange }: ConnectionProps) {
  const reask = useReask("/bridge", "/home", "/folders");
  const memory = useQueryClient();
  const [isSaved, setIsSaved] = useState(false);
  const { form, problem, isSending, send } = useApiForm({
    initialValues: {
      baseUrl: bridge?.baseUrl ?? "",
      userName: bridge?.userName ?? "",
      password: "",
      isActive: bridge?.isActive ?? true,
    },
    onValuesChange: () => setIsSaved(false),
  });
  const submit = form.onSubmit(async ({ password, ...values }) => {
    const body = { ...values, ...(password !== "" && { password }), ...(bridge && { version: bridge.version }) };
    if (!(await send(() => client.PUT("/api/v1/bridge", { body }), { ...values, password }))) return;
    setIsSaved(true);
    memory.removeQueries({ queryKey: api.queryOptions("get", "/api/v1/bridge").queryKey, type: "inactive" });
    await reask();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack maw={560}>
        {problem && <ProblemAlert error={problem} {...(problem.status === 409 && { onRetry: () => void reask() })} />}
        <TextInput
          label="Address of xWeb"
          description="As netFORUM Pro's administrator knows it, up to /xweb"
          placeholder="https://netforum.example.org/xweb"
          inputMode="url"
          required
          disabled={!mayChange}
          {...form.getInputProps("baseUrl")}
        />
        <TextInput
          label="User name"
          description="A user of netFORUM Pro made for Lockstep alone"
          autoComplete="off"
          required
          disabled={!mayChange}
          {...form.getInputProps("userName")}
        />
        <PasswordInput
          label="Password"
          description={
            bridge
              ? "Stored encrypted; nobody can read it back. Left empty, it stays."
              : "Stored encrypted; nobody can read it back."
          }
          autoComplete="new-password"
          required={bridge === null}
          disabled={!mayChange}
          {...form.getInputProps("password")}
        />
        <Switch
          label="Active"
          description="Switched off, nothing calls netFORUM Pro; groups stay as they are"
          disabled={!mayChange}
          {...form.getInputProps("isActive", { type: "checkbox" })}
        />
        {mayChange && (
          <Group>
            <Button type="submit" loading={isSending}>
              {bridge ? "Save the connection" : "Connect"}
            </Button>
            {isSaved && (
              <Text size="sm" role="status">
                Saved
              </Text>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
}
