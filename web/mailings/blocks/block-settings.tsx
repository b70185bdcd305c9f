import { NumberInput, SegmentedControl, Slider, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { type Align, type Block, divideColumns, findBlock, type Ratio } from "../document/document.ts";
import { PictureChooser } from "../pictures/picture-chooser.tsx";
import { AmsPreferences } from "./ams-preferences.tsx";
import { blockWords } from "./block-words.ts";
import { StyleSettings } from "./style-settings.tsx";
import type { Blocks } from "./use-blocks.ts";

/** The settings of the chosen block; without one, how the whole mailing looks. */
export function BlockSettings({ blocks }: { readonly blocks: Blocks }) {
  const block = blocks.chosen === null ? undefined : findBlock(blocks.document, blocks.chosen);
  if (!block) return <StyleSettings style={blocks.document.style} onChange={blocks.changeStyle} />;
  return (
    <Stack gap="sm">
      <Text fw={620}>{blockWords[block.kind].label}</Text>
      <Fields key={block.id} block={block} onChange={blocks.change} />
    </Stack>
  );
}

interface Props {
  readonly block: Block;
  readonly onChange: (block: Block) => void;
}

function Fields({ block, onChange }: Props) {
  switch (block.kind) {
    case "heading":
      return (
        <>
          <Choice
            label="Size"
            value={String(block.level)}
            options={[
              ["1", "Large"],
              ["2", "Middle"],
              ["3", "Small"],
            ]}
            onChange={(level) => onChange({ ...block, level: Number(level) as 1 | 2 | 3 })}
          />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      );
    case "text":
      return <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />;
    case "footer":
      return (
        <>
          <Text size="sm" c="dimmed">
            Every mailing needs your postal address and a way to unsubscribe. The postal address comes from the
            account's settings.
          </Text>
          <AmsPreferences html={block.html} onChange={(html) => onChange({ ...block, html })} />
        </>
      );
    case "image":
      return (
        <>
          <PictureChooser block={block} onChange={onChange} />
          <Textarea
            label="What it shows"
            description="Read aloud, and shown where pictures are off. Leave it empty only for mere decoration."
            autosize
            minRows={2}
            maxLength={2000}
            value={block.alt}
            onChange={({ currentTarget }) => onChange({ ...block, alt: currentTarget.value })}
          />
          <Address
            label="Leads to"
            value={block.href}
            onChange={(href) => onChange({ ...block, href })}
            description="Left empty, the picture is no link."
          />
          <div>
            <Text size="sm" fw={500} mb={4}>
              Width: {block.widthPercent}%
            </Text>
            <Slider
              thumbLabel="Width in per cent"
              min={10}
              max={100}
              step={5}
              label={null}
              value={block.widthPercent}
              onChange={(widthPercent) => onChange({ ...block, widthPercent })}
            />
          </div>
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      );
    case "button":
      return (
        <>
          <TextInput
            label="What it says"
            placeholder="Register now"
            maxLength={200}
            value={block.label}
            onChange={({ currentTarget }) => onChange({ ...block, label: currentTarget.value })}
          />
          <Address label="Leads to" value={block.href} onChange={(href) => onChange({ ...block, href })} />
          <Alignment value={block.align} onChange={(align) => onChange({ ...block, align })} />
        </>
      );
    case "divider":
      return (
        <Text size="sm" c="dimmed">
          A line across the mailing. There is nothing to set.
        </Text>
      );
    case "spacer":
      return (
        <NumberInput
          label="Height in pixels"
          min={1}
          max={400}
          allowDecimal={false}
          clampBehavior="strict"
          value={block.height}
          onChange={(height) => typeof height === "number" && height >= 1 && onChange({ ...block, height })}
        />
      );
    case "columns":
      return (
        <>
          <Choice
            label="Division"
            value={block.ratio}
            options={[
              ["1-1", "½ ½"],
              ["1-2", "⅓ ⅔"],
              ["2-1", "⅔ ⅓"],
              ["1-1-1", "⅓ ⅓ ⅓"],
            ]}
            onChange={(ratio) => onChange(divideColumns(block, ratio as Ratio))}
          />
          <Text size="sm" c="dimmed">
            On phones the columns stand under each other. Choose a block inside to add another behind it.
          </Text>
        </>
      );
  }
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <div>
      <Text size="sm" fw={500} mb={4} aria-hidden>
        {label}
      </Text>
      <SegmentedControl
        fullWidth
        size="xs"
        aria-label={label}
        value={value}
        onChange={onChange}
        data={options.map(([id, text]) => ({ value: id, label: text }))}
      />
    </div>
  );
}

function Alignment({ value, onChange }: { readonly value: Align; readonly onChange: (align: Align) => void }) {
  return (
    <Choice
      label="Alignment"
      value={value}
      options={[
        ["left", "Left"],
        ["center", "Centre"],
        ["right", "Right"],
      ]}
      onChange={(align) => onChange(align as Align)}
    />
  );
}

interface AddressProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Where something leads; a bare host is taken for a site's address once one leaves the field. */
function Address({ label, description, value, onChange }: AddressProps) {
  return (
    <TextInput
      label={label}
      {...(description && { description })}
      placeholder="https://example.org/"
      inputMode="url"
      maxLength={2000}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      onBlur={() => /^[\w-]+(\.[\w-]+)+(\/|$)/.test(value.trim()) && onChange(`https://${value.trim()}`)}
    />
  );
}
