import { Button, Group, Stack, type StackProps, Text } from "@mantine/core";
import type { FormEventHandler, ReactNode } from "react";
import type { ApiFormState } from "./form.ts";
import { ProblemAlert } from "./states.tsx";

interface Props extends Omit<StackProps, "onSubmit"> {
  readonly state: ApiFormState;
  readonly onSubmit: FormEventHandler<HTMLFormElement>;
  /** On the button; null for who may only look. */
  readonly saveLabel: string | null;
  /** Begins anew with what somebody else saved meanwhile. */
  readonly onReload?: () => void;
  /** Buttons beside the first. */
  readonly more?: ReactNode;
  /** One of several forms in a section. */
  readonly isMinor?: boolean;
}

/** A form that stays where it is when it is saved: what went wrong above, its button and "Saved" below. */
export function SettingsForm(props: Props) {
  const { state, onSubmit, saveLabel, onReload, more, isMinor = false, children, ...stack } = props;
  const { problem, isSending, isSaved } = state;
  return (
    <form onSubmit={onSubmit} noValidate>
      <Stack {...stack}>
        {problem && <ProblemAlert error={problem} {...(onReload && newerSettings(problem.status, onReload))} />}
        {children}
        {saveLabel !== null && (
          <Group>
            <Button type="submit" loading={isSending} variant={isMinor ? "default" : "filled"}>
              {saveLabel}
            </Button>
            {more}
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

/** The way out for a form that began with what isn't saved any more. */
export function newerSettings(status: number, onReload: () => void) {
  return status === 409 && { onRetry: onReload, retryLabel: "Load the newer settings" };
}
