import {
  ActionIcon,
  Button,
  CopyButton,
  Group,
  PasswordInput,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { api, client, type Schema } from "../../api/client.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { tellProblem } from "../../ui/toasts.tsx";

/** The account's own OpenID Connect provider: what it must know, and what we must know of it. */
export function SignInProviderSection() {
  const settings = api.useQuery("get", "/api/v1/account/sign-in-provider");
  const reload = () => void settings.refetch();
  return (
    <Section
      title="Sign in by your own provider"
      about="Microsoft Entra, Google Workspace, Okta, Keycloak and others that speak OpenID Connect. People sign in as the user who was invited here with the same e-mail address; it makes no new users."
    >
      <Loaded query={settings} lines={3}>
        {({ provider, redirectUri, signInAddress }) => (
          <Stack gap="lg">
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
              <Copied label="Redirect address, for the provider" text={redirectUri} />
              {provider && <Copied label="Sign-in address, for your users" text={signInAddress} />}
            </SimpleGrid>
            <ProviderForm key={provider?.version ?? 0} provider={provider} onDone={reload} />
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function Copied({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <TextInput
      label={label}
      value={text}
      readOnly
      rightSection={
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Tooltip label={copied ? "Copied" : "Copy"}>
              <ActionIcon variant="subtle" aria-label={`Copy: ${label}`} onClick={copy}>
                {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
              </ActionIcon>
            </Tooltip>
          )}
        </CopyButton>
      }
    />
  );
}

interface ProviderFormProps {
  readonly provider: Schema<"SignInProvider"> | null;
  readonly onDone: () => void;
}

function ProviderForm({ provider, onDone }: ProviderFormProps) {
  const { form, problem, isSending, isSaved, send } = useApiForm({
    initialValues: {
      issuer: provider?.issuer ?? "",
      clientId: provider?.clientId ?? "",
      clientSecret: "",
      isOnlyWay: provider?.isOnlyWay ?? false,
      doesSecondFactor: provider?.doesSecondFactor ?? false,
    },
  });
  const submit = form.onSubmit(async ({ clientSecret, ...values }) => {
    const body = {
      ...values,
      ...(clientSecret !== "" && { clientSecret }),
      ...(provider && { version: provider.version }),
    };
    const save = () => client.PUT("/api/v1/account/sign-in-provider", { body });
    if (!(await send(save, { clientSecret, ...values }))) return;
    onDone();
  });
  const remove = () =>
    modals.openConfirmModal({
      title: "Go back to passwords alone?",
      children: "Whoever has no password here asks for one with “Forgotten your password?”.",
      labels: { confirm: "Remove the provider", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => void client.DELETE("/api/v1/account/sign-in-provider").then(onDone, tellProblem),
    });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && (
          <ProblemAlert
            error={problem}
            {...(problem.status === 409 && { onRetry: onDone, retryLabel: "Load it again" })}
          />
        )}
        <SimpleGrid cols={{ base: 1, lg: 3 }}>
          <TextInput
            label="Issuer"
            placeholder="https://login.example.org"
            required
            {...form.getInputProps("issuer")}
          />
          <TextInput label="Client ID" required {...form.getInputProps("clientId")} />
          <PasswordInput
            label="Client secret"
            autoComplete="off"
            placeholder={provider ? "stored; leave empty to keep it" : ""}
            required={!provider}
            {...form.getInputProps("clientSecret")}
          />
        </SimpleGrid>
        <Switch
          label="It asks for a second factor itself"
          description="Ours is then not asked for as well."
          {...form.getInputProps("doesSecondFactor", { type: "checkbox" })}
        />
        <Switch
          label="It is the only way in"
          description="Passwords of this account's users no longer work. Possible once an administrator has signed in by it."
          {...form.getInputProps("isOnlyWay", { type: "checkbox" })}
        />
        <Group>
          <Button type="submit" loading={isSending} variant={provider ? "filled" : "default"}>
            {provider ? "Save the provider" : "Set it up"}
          </Button>
          {provider && (
            <Button variant="subtle" color="red" onClick={remove}>
              Remove
            </Button>
          )}
          <Text size="sm" c="dimmed" role="status">
            {isSaved ? "Saved. It answers as a provider." : "The provider is asked before anything is saved."}
          </Text>
        </Group>
      </Stack>
    </form>
  );
}
