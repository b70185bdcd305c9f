import {
  Alert,
  Box,
  Button,
  Code,
  CopyButton,
  Group,
  PasswordInput,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { QRCodeSVG } from "qrcode.react";
import { useState } from "react";
import { client } from "../api/client.ts";
import { useApiForm } from "../ui/form.ts";
import { ProblemAlert } from "../ui/states.tsx";

interface Begun {
  readonly uri: string;
  readonly secret: string;
}

interface SetupProps {
  /** Who has a second factor already proves the password first. */
  readonly asksPassword?: boolean;
  readonly onDone: () => void;
}

/** Three steps: begin, prove the app's first code, keep the recovery codes. */
export function SecondFactorSetup({ asksPassword = false, onDone }: SetupProps) {
  const [begun, setBegun] = useState<Begun | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  if (codes) return <RecoveryCodes codes={codes} onDone={onDone} />;
  if (begun) return <Confirm begun={begun} onConfirmed={setCodes} />;
  return <Begin asksPassword={asksPassword} onBegun={setBegun} />;
}

function Begin({
  asksPassword,
  onBegun,
}: {
  readonly asksPassword: boolean;
  readonly onBegun: (begun: Begun) => void;
}) {
  const { form, problem, isSending, send } = useApiForm({ initialValues: { password: "" } });
  const submit = form.onSubmit((values) =>
    send(async ({ password }) => {
      const { data } = await client.POST("/api/v1/me/second-factor", { body: asksPassword ? { password } : {} });
      if (data) onBegun(data);
    }, values),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <Text size="sm">
          You need an authenticator app, such as Google Authenticator, Microsoft Authenticator or 1Password.
        </Text>
        {asksPassword && (
          <PasswordInput
            label="Your password"
            autoComplete="current-password"
            required
            {...form.getInputProps("password")}
          />
        )}
        <Button type="submit" loading={isSending}>
          Begin
        </Button>
      </Stack>
    </form>
  );
}

function Confirm({
  begun,
  onConfirmed,
}: {
  readonly begun: Begun;
  readonly onConfirmed: (codes: readonly string[]) => void;
}) {
  const { form, problem, isSending, send } = useApiForm({ initialValues: { code: "" } });
  const submit = form.onSubmit((values) =>
    send(async (body) => {
      const { data } = await client.POST("/api/v1/me/second-factor/confirm", { body });
      if (data) onConfirmed(data.recoveryCodes);
    }, values),
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <Text size="sm">
          Scan the picture with the app, or type the key into it. Then type the six digits it shows.
        </Text>
        <Group align="center" gap="lg">
          <Box p="sm" bg="white" style={{ borderRadius: 8, lineHeight: 0 }}>
            <QRCodeSVG value={begun.uri} size={150} title="The key for your authenticator app" />
          </Box>
          <div style={{ flex: "1 1 12rem", minWidth: 0 }}>
            <Text size="xs" c="dimmed">
              Key
            </Text>
            <Code block style={{ whiteSpace: "normal" }}>
              {begun.secret.replace(/(.{4})/g, "$1 ").trim()}
            </Code>
          </div>
        </Group>
        <TextInput
          label="Code"
          inputMode="numeric"
          autoComplete="one-time-code"
          required
          {...form.getInputProps("code")}
        />
        <Button type="submit" loading={isSending}>
          Turn it on
        </Button>
      </Stack>
    </form>
  );
}

function RecoveryCodes({ codes, onDone }: { readonly codes: readonly string[]; readonly onDone: () => void }) {
  return (
    <Stack>
      <Alert color="step" title="Your second factor is on" role="status">
        Keep these codes where you find them without your phone. Each lets you in once; they are not shown again.
      </Alert>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={6}>
        {codes.map((code) => (
          <Code key={code} fz="md" ta="center">
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group>
        <CopyButton value={codes.join("\n")}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy them"}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </Stack>
  );
}
