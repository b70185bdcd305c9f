import { Group, List, Stack, Text, TextInput } from "@mantine/core";
import { api, client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { SettingsForm } from "../../ui/settings-form.tsx";
import { ToneBadge } from "../../ui/state-badge.tsx";
import { ProblemAlert } from "../../ui/states.tsx";

interface Props {
  readonly bridge: Schema<"Bridge">;
  readonly mayChange: boolean;
  /** The version that the page's forms began with, or last saved: a newer one is somebody else's. */
  readonly version: number;
  readonly onSaved: (version: number) => void;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload: () => void;
}

/** Kinds of mailings that people can opt out of in the AMS, and its page where they choose. */
export function OptOut(props: Props) {
  const categories = api.useQuery("get", "/api/v1/opt-out-categories");
  const all = categories.data ?? [];
  return (
    <Section
      anchor="opt-out"
      title="Opt-outs in netFORUM Pro"
      about="People can opt out of kinds of mailings in netFORUM Pro, on a page of their own there."
    >
      <Stack gap="lg">
        {categories.isError && <ProblemAlert error={categories.error} onRetry={() => void categories.refetch()} />}
        {all.length > 0 && <Categories all={all} />}
        <PreferenceLink {...props} />
      </Stack>
    </Section>
  );
}

function Categories({ all }: { readonly all: readonly Schema<"OptOutCategory">[] }) {
  return (
    <div>
      <Text size="sm" fw={500} id="opt-out-categories">
        Opt-out categories
      </Text>
      <Text size="sm" c="dimmed" maw="48rem">
        A mailing can be marked with one. netFORUM Pro tells which categories there are, but not who opted out of them:
        so a category leaves nobody out here. Only Do Not Email does. To leave out those who opted out of a category,
        make a messaging job query of it in netFORUM Pro.
      </Text>
      <List size="sm" mt="xs" listStyleType="none" aria-labelledby="opt-out-categories" style={{ columns: "16rem" }}>
        {all.map(({ id, name, missingSince }) => (
          <List.Item key={id} style={{ breakInside: "avoid" }}>
            <Group gap={8}>
              <bdi style={{ overflowWrap: "anywhere" }}>{name}</bdi>
              {missingSince !== null && <ToneBadge tone="warn">Missing in netFORUM Pro</ToneBadge>}
            </Group>
          </List.Item>
        ))}
      </List>
    </div>
  );
}

/** Where the link of `{{ ams_preferences_url }}` leads. */
function PreferenceLink({ bridge, mayChange, version, onSaved, onReload }: Props) {
  const reask = useReask("/bridge", "/mailing-fields");
  const { form, send, ...state } = useApiForm({
    initialValues: { preferenceLink: bridge.settings.preferenceLink },
  });
  const submit = form.onSubmit(async ({ preferenceLink }) => {
    const values = { preferenceLink: preferenceLink.trim() };
    const save = async (body: typeof values) => {
      const { data } = await client.PUT("/api/v1/bridge", { body: { ...body, version } });
      if (data) onSaved(data.version);
    };
    if (!(await send(save, values))) return;
    await reask();
  });
  return (
    <SettingsForm
      state={state}
      onSubmit={submit}
      saveLabel={mayChange ? "Save the preference link" : null}
      onReload={onReload}
      isMinor
      gap="sm"
      maw={720}
    >
      <TextInput
        label="Preference link"
        description="The page of netFORUM Pro where a person chooses what to get. {customer_key} stands for the person's key. Mailings then have it as the field ams_preferences_url; left empty, there is none."
        placeholder="https://www.example.org/eweb/preferences?key={customer_key}"
        inputWrapperOrder={["label", "input", "description", "error"]}
        type="url"
        autoComplete="off"
        spellCheck={false}
        disabled={!mayChange}
        {...form.getInputProps("preferenceLink")}
      />
    </SettingsForm>
  );
}
