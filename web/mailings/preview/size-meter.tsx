import { Progress, Text } from "@mantine/core";

/** Gmail shows this much of a mail's HTML and hides the rest behind a link. (reliability 1.6) */
const cutAtKb = 102;
const warnAtKb = 90;

/** How large the mail is, against what mail programs show whole. */
export function SizeMeter({ bytes }: { readonly bytes: number }) {
  const kb = bytes / 1024;
  const state = kb >= cutAtKb ? "bad" : kb >= warnAtKb ? "warn" : "good";
  const words = {
    good: "Mail programs show it whole.",
    warn: `Near ${cutAtKb} kB, where Gmail cuts a mail off. Personal values may make it longer.`,
    bad: `Gmail cuts a mail off at ${cutAtKb} kB, the unsubscribe link with it. Make it shorter.`,
  };
  return (
    <div>
      <Text size="sm">
        <span className="number">{kb.toFixed(1)} kB</span> of HTML. {words[state]}
      </Text>
      <Progress
        mt={4}
        size="sm"
        value={Math.min(100, (kb / cutAtKb) * 100)}
        color={state === "good" ? "step" : state === "warn" ? "orange" : "red"}
        aria-label="Size, of what mail programs show"
      />
    </div>
  );
}
