import { Accordion, Button, JsonInput, Text } from "@mantine/core";
import { api, client, Problem } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { SettingsForm } from "../../ui/settings-form.tsx";
import { Loaded } from "../../ui/states.tsx";

interface Editing {
  readonly mayChange: boolean;
  /** The version that the page's forms began with, or last saved: a newer one is somebody else's. */
  readonly version: number;
  readonly onSaved: (version: number) => void;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload: () => void;
}

/** Advanced: which operations and columns of this site stand for what Lockstep asks. Test connection holds it against the site's WSDL. */
export function OperationMapping(editing: Editing) {
  const mapping = api.useQuery("get", "/api/v1/bridge/mapping");
  return (
    <Section anchor="mapping" title="Advanced">
      <Accordion variant="contained">
        <Accordion.Item value="mapping">
          <Accordion.Control>Operation mapping</Accordion.Control>
          <Accordion.Panel>
            <Text size="sm" c="dimmed" mb="sm">
              Sites differ in what their operations and columns are called. Test connection checks this against the
              site's own description (WSDL).
            </Text>
            <Loaded query={mapping}>{(found) => <MappingForm found={found} {...editing} />}</Loaded>
          </Accordion.Panel>
        </Accordion.Item>
      </Accordion>
    </Section>
  );
}

interface MappingProps extends Editing {
  readonly found: { readonly mapping?: unknown; readonly isDefault: boolean };
}

function MappingForm({ found, mayChange, version, onSaved, onReload }: MappingProps) {
  const reask = useReask("/bridge");
  const { form, send, ...state } = useApiForm({
    initialValues: { mapping: JSON.stringify(found.mapping, null, 2) },
  });
  const put = async (mapping: unknown) => {
    const { data } = await client.PUT("/api/v1/bridge/mapping", { body: { mapping, version } });
    if (data) onSaved(data.version);
  };
  const toDefault = async () => {
    if (!(await send(() => put(null), form.values))) return;
    await reask();
    onReload();
  };
  const save = async (values: { mapping: string }) => {
    if (!(await send(({ mapping }) => put(parse(mapping)), values))) return;
    await reask();
  };
  return (
    <SettingsForm
      state={state}
      onSubmit={form.onSubmit(save)}
      saveLabel={mayChange ? "Save the mapping" : null}
      onReload={onReload}
      more={
        !found.isDefault && (
          <Button variant="default" onClick={() => void toDefault()}>
            Back to the default
          </Button>
        )
      }
    >
      <JsonInput
        label={found.isDefault ? "Mapping (the default)" : "Mapping (this site's own)"}
        autosize
        minRows={8}
        maxRows={24}
        disabled={!mayChange}
        spellCheck={false}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
        {...form.getInputProps("mapping")}
      />
    </SettingsForm>
  );
}

/** @throws Problem when the text isn't JSON: said at the field, like what the server says */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = `is no JSON: ${error instanceof Error ? error.message : "it can't be read"}`;
    throw new Problem(400, { code: "invalid_input", mistakes: [{ path: "mapping", message }] });
  }
}
