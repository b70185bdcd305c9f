import { PasswordInput, Switch, TextInput } from "@mantine/core";
import { client, type Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { SettingsForm } from "../../ui/settings-form.tsx";

interface ConnectionProps {
  readonly bridge: Schema<"Bridge"> | null;
  readonly mayChange: boolean;
  /** The version that the page's forms began with, or last saved: a newer one is somebody else's. */
  readonly version?: number;
  readonly onSaved?: (version: number) => void;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload: () => void;
}

/** Address, user, password (which nobody can read back) and the active switch. */
export function Connection({ bridge, mayChange, version, onSaved, onReload }: ConnectionProps) {
  const reask = useReask("/bridge", "/home", "/folders");
  const { form, send, ...state } = useApiForm({
    initialValues: {
      baseUrl: bridge?.baseUrl ?? "",
      userName: bridge?.userName ?? "",
      password: "",
      isActive: bridge?.isActive ?? true,
    },
  });
  const submit = form.onSubmit(async ({ password, ...values }) => {
    const body = { ...values, ...(password !== "" && { password }), ...(version !== undefined && { version }) };
    const save = async () => {
      const { data } = await client.PUT("/api/v1/bridge", { body });
      if (data) onSaved?.(data.version);
      form.setFieldValue("password", "");
    };
    if (!(await send(save, { ...values, password }))) return;
    await reask();
  });
  return (
    <SettingsForm
      state={state}
      onSubmit={submit}
      saveLabel={mayChange ? (bridge ? "Save the connection" : "Connect") : null}
      onReload={onReload}
      maw={560}
    >
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
    </SettingsForm>
  );
}
