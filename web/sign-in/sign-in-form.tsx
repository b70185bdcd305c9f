import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";
import { SecondFactorForm } from "./second-factor-form.tsx";

interface SignInFormProps {
  readonly email?: string;
  /** Where it begins: at the second factor for who has proved the rest elsewhere. */
  readonly begin?: "password" | "second_factor";
  readonly onDone: () => void;
}

/** E-mail and password, then the second factor of who has one. */
export function SignInForm({ email = "", begin = "password", onDone }: SignInFormProps) {
  const [step, setStep] = useState(begin);
  const { form, problem, isSending, send } = useApiForm({ initialValues: { email, password: "" } });
  if (step === "second_factor") return <SecondFactorForm onDone={onDone} onBack={() => setStep("password")} />;
  const submit = form.onSubmit(async (values) => {
    let next = "done";
    const isTaken = await send(async (body) => {
      const { data } = await client.POST("/api/v1/session", { body });
      next = data?.next ?? next;
    }, values);
    if (!isTaken) return form.setFieldValue("password", "");
    if (next === "second_factor") setStep("second_factor");
    else onDone();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem && <ProblemAlert error={problem} />}
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          required
          data-autofocus
          autoFocus={email === ""}
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="current-password"
          required
          autoFocus={email !== ""}
          {...form.getInputProps("password")}
        />
        <Button type="submit" loading={isSending} fullWidth size="md">
          Sign in
        </Button>
      </Stack>
    </form>
  );
}
