import { Group, SimpleGrid, Text, TextInput, type TextInputProps } from "@mantine/core";
import { useRef } from "react";
import { Section } from "../../ui/section.tsx";
import { fieldText } from "../document/fields.ts";
import type { Content } from "../mailing.ts";
import type { Draft } from "./draft.ts";
import { FieldPicker } from "./field-picker.tsx";
import { useDraftState } from "./use-draft.ts";

export interface EditingProps {
  readonly draft: Draft;
  readonly content: Content;
  readonly isEditable: boolean;
}

/** What has a field here, with room for what is wrong with it. */
export const envelopeFields: readonly string[] = ["name", "fromName", "fromAddress", "replyTo", "subject", "preheader"];

/** What stands around the mailing: who it is from, and the two lines that an inbox shows. */
export function Envelope({ draft, content, isEditable }: EditingProps) {
  const { problem } = useDraftState(draft);
  const mistake = (path: string) => {
    const found = problem?.mistakes.find((one) => one.path === path)?.message;
    return found && found.charAt(0).toUpperCase() + found.slice(1);
  };
  const field = (name: "name" | "fromName" | "fromAddress" | "replyTo", props: TextInputProps) => (
    <TextInput
      {...props}
      readOnly={!isEditable}
      error={mistake(name)}
      value={content[name]}
      onChange={({ currentTarget }) => draft.change({ [name]: currentTarget.value })}
    />
  );
  return (
    <Section title="Envelope">
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" verticalSpacing="sm">
        <Line
          {...{ draft, content, isEditable }}
          name="subject"
          label="Subject"
          about="Phones show about 40 characters."
          many={60}
          error={mistake("subject")}
        />
        <Line
          {...{ draft, content, isEditable }}
          name="preheader"
          label="Preheader"
          about="The line that inboxes show behind the subject."
          many={100}
          error={mistake("preheader")}
        />
        {field("fromName", { label: "From: name", placeholder: "Your association", maxLength: 200 })}
        {field("fromAddress", {
          label: "From: address",
          placeholder: "news@example.org",
          type: "email",
          maxLength: 254,
          autoComplete: "off",
        })}
        {field("replyTo", {
          label: "Replies go to",
          placeholder: content.fromAddress || "The address it is from",
          type: "email",
          maxLength: 254,
          autoComplete: "off",
        })}
        {field("name", { label: "Name of the mailing", maxLength: 200 })}
      </SimpleGrid>
    </Section>
  );
}

interface LineProps extends EditingProps {
  readonly name: "subject" | "preheader";
  readonly label: string;
  readonly about: string;
  /** From here on inboxes cut it. */
  readonly many: number;
  readonly error: string | undefined;
}

/** A line with personal values and a counter. */
function Line({ draft, content, isEditable, name, label, about, many, error }: LineProps) {
  const input = useRef<HTMLInputElement>(null);
  const value = content[name];
  const length = [...value].length;
  const insert = (text: string) => {
    const at = input.current?.selectionStart ?? value.length;
    draft.change({ [name]: value.slice(0, at) + text + value.slice(input.current?.selectionEnd ?? at) });
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(at + text.length, at + text.length);
    });
  };
  return (
    <TextInput
      ref={input}
      label={label}
      readOnly={!isEditable}
      error={error}
      maxLength={2000}
      value={value}
      onChange={({ currentTarget }) => draft.change({ [name]: currentTarget.value })}
      inputWrapperOrder={["label", "input", "description", "error"]}
      description={
        <Group component="span" justify="space-between" gap="xs" mt={4}>
          <span>{about}</span>
          <Text component="span" inherit {...(length > many && { c: "var(--ls-warn)" })} className="number">
            {length} {length === 1 ? "character" : "characters"}
            {length > many && ", long"}
          </Text>
        </Group>
      }
      {...(isEditable && {
        rightSection: <FieldPicker into={`the ${name}`} onPick={(use) => insert(fieldText(use))} />,
      })}
    />
  );
}
