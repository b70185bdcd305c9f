import { Alert, ColorInput, SegmentedControl, Slider, Stack, Text } from "@mantine/core";
import type { Style } from "../document/document.ts";
import { contrast } from "./contrast.ts";

interface Props {
  readonly style: Style;
  readonly onChange: (style: Style) => void;
}

const colors = [
  ["background", "Around the mailing"],
  ["paper", "Paper"],
  ["text", "Text"],
  ["link", "Links"],
  ["button", "Buttons"],
  ["buttonText", "Text on buttons"],
] as const;

/** How the whole mailing looks. Colours that can't be read are told. (WCAG 1.4.3, for the mail itself) */
export function StyleSettings({ style, onChange }: Props) {
  const tooPale = [
    ["Text", contrast(style.text, style.paper)],
    ["Links", contrast(style.link, style.paper)],
    ["Text on buttons", contrast(style.buttonText, style.button)],
  ] as const;
  const hardToRead = tooPale.filter(([, ratio]) => ratio < 4.5);
  return (
    <Stack gap="sm">
      <div>
        <Text fw={620}>Style of the mailing</Text>
        <Text size="sm" c="dimmed">
          Choose a block to set it alone.
        </Text>
      </div>
      {colors.map(([name, label]) => (
        <ColorInput
          key={name}
          label={label}
          size="xs"
          format="hex"
          withEyeDropper={false}
          value={style[name]}
          onChange={(color) => /^#[0-9a-f]{6}$/i.test(color) && onChange({ ...style, [name]: color })}
        />
      ))}
      {hardToRead.map(([what, ratio]) => (
        <Alert key={what} color="orange" p="xs" title={`${what}: hard to read`}>
          Its contrast is {ratio.toFixed(1)} : 1; many people need 4.5 : 1.
        </Alert>
      ))}
      <div>
        <Text size="sm" fw={500} mb={4} aria-hidden>
          Typeface
        </Text>
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Typeface"
          value={style.font}
          onChange={(font) => onChange({ ...style, font: font as Style["font"] })}
          data={[
            { value: "sans", label: "Sans serif" },
            { value: "serif", label: "Serif" },
          ]}
        />
      </div>
      <div>
        <Text size="sm" fw={500} mb={4}>
          Width: {style.width} pixels
        </Text>
        <Slider
          thumbLabel="Width in pixels"
          min={480}
          max={700}
          step={10}
          label={null}
          value={style.width}
          onChange={(width) => onChange({ ...style, width })}
        />
      </div>
    </Stack>
  );
}
