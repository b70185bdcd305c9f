import { Button } from "@mantine/core";
import { useFields } from "../editor/fields.tsx";

interface Props {
  readonly html: string;
  readonly onChange: (html: string) => void;
}

/** Puts the link to the AMS's own preferences into a footer; offered where the bridge has one and the text has not. */
export function AmsPreferences({ html, onChange }: Props) {
  const field = useFields().find(({ name }) => name === "ams_preferences_url");
  if (!field || html.includes(field.name)) return null;
  return (
    <Button
      variant="default"
      size="xs"
      onClick={() => onChange(withLink(html, `<a href="{{ ${field.name} }}">${field.displayName}</a>`))}
    >
      Add a link to {field.displayName.replace(/^P/, "p")}
    </Button>
  );
}

/** Behind the other links, in the last line. */
const withLink = (html: string, link: string) =>
  html.endsWith("</p>") ? `${html.slice(0, -"</p>".length)} · ${link}</p>` : `${html}<p>${link}</p>`;
