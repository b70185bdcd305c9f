import { Button, PasswordInput, Select, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";
import { timeZones } from "../ui/time-zones.ts";
import { Outside } from "./outside.tsx";

/** The first page of an empty installation: makes the first account and its administrator. */
export function SetupPage() {
  const memory = useQueryClient();
  const navigate = useNavigate();
  const { form, problem, isSending, send } = useApiForm({
    initialValues: {
      accountName: "",
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      name: "",
      email: "",
      password: "",
    },
  });
  const submit = form.onSubmit(async (values) => {
    if (!(await send((body) => client.POST("/api/v1/setup", { body }), values))) return;
    memory.clear();
    await navigate({ to: "/" });
  });
  return (
    <Outside
      wide
      title="Welcome"
      about="This installation is empty. Make the first account, and yourself its administrator."
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {problem && <ProblemAlert error={problem} />}
          <TextInput label="Name of the association" required autoFocus {...form.getInputProps("accountName")} />
          <Select
            label="Time zone"
            description="Hours and dates are shown in it."
            searchable
            required
            data={timeZones()}
            {...form.getInputProps("timeZone")}
          />
          <TextInput label="Your name" autoComplete="name" required {...form.getInputProps("name")} />
          <TextInput label="E-mail" type="email" autoComplete="username" required {...form.getInputProps("email")} />
          <PasswordInput
            label="Password"
            description="12 characters or more. A few words that don't belong together are best."
            autoComplete="new-password"
            required
            {...form.getInputProps("password")}
          />
          <Button type="submit" loading={isSending} fullWidth size="md">
            Make the account
          </Button>
        </Stack>
      </form>
    </Outside>
  );
}
