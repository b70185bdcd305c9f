import { NumberInput } from "@mantine/core";
import { useState } from "react";
import { api, client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Section } from "../../ui/section.tsx";
import { SettingsForm } from "../../ui/settings-form.tsx";

interface GuardProps {
  readonly group: Schema<"TargetGroup">;
  readonly mayChange: boolean;
}

/** When a read of this group is held: its own numbers, else the bridge's. (product 1.5) */
export function GuardSettings({ group, mayChange }: GuardProps) {
  const [begun, setBegun] = useState(0);
  const reask = useReask("/target-groups");
  const reload = () => void reask().then(() => setBegun(begun + 1));
  return <GuardForm key={begun} group={group} mayChange={mayChange} onReload={reload} />;
}

/** @param onReload begins anew with what somebody else saved meanwhile */
function GuardForm({ group, mayChange, onReload }: GuardProps & { readonly onReload: () => void }) {
  const bridge = api.useQuery("get", "/api/v1/bridge");
  const reask = useReask("/target-groups");
  const [version, setVersion] = useState(group.version);
  const { form, send, ...state } = useApiForm<Record<"percent" | "minimum" | "absolute", number | "">>({
    initialValues: {
      percent: group.guardPercent ?? "",
      minimum: group.guardMinimum ?? "",
      absolute: group.guardAbsolute ?? "",
    },
  });
  const settings = bridge.data?.settings;
  const submit = form.onSubmit(async (values) => {
    const number = (value: number | "") => (value === "" ? null : value);
    const body = {
      percent: number(values.percent),
      minimum: number(values.minimum),
      absolute: number(values.absolute),
      version,
    };
    const save = async () => {
      const params = { path: { id: group.id } };
      const { data } = await client.PUT("/api/v1/target-groups/{id}/guard", { params, body });
      if (data) setVersion(data.version);
    };
    if (!(await send(save, values))) return;
    await reask();
  });
  return (
    <Section
      title="Guard"
      about="A read that would remove too many people at once is held until an administrator has looked at it. Left empty, the bridge's numbers count."
    >
      <SettingsForm
        state={state}
        onSubmit={submit}
        saveLabel={mayChange ? "Save the guard" : null}
        onReload={onReload}
        maw={420}
      >
        <NumberInput
          label="Hold when more than this share would go"
          suffix="%"
          min={0}
          max={100}
          disabled={!mayChange}
          placeholder={settings && `${settings.guardPercent}% (the bridge's)`}
          {...form.getInputProps("percent")}
        />
        <NumberInput
          label="… of a group of at least"
          suffix=" people"
          min={0}
          disabled={!mayChange}
          placeholder={settings && `${settings.guardMinimum} people (the bridge's)`}
          {...form.getInputProps("minimum")}
        />
        <NumberInput
          label="Hold when more people than this would go"
          description="Whatever share they are"
          suffix=" people"
          min={1}
          disabled={!mayChange}
          placeholder={
            settings &&
            (settings.guardAbsolute === null ? "No such limit" : `${settings.guardAbsolute} people (the bridge's)`)
          }
          {...form.getInputProps("absolute")}
        />
      </SettingsForm>
    </Section>
  );
}
