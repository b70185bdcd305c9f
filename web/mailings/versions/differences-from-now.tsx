import { Text } from "@mantine/core";
import { bodyDifferences, fieldDifferences, type Written } from "./differences.ts";
import classes from "./versions.module.css";

/** What differs between a version and the mailing as it stands now: the envelope line by line, the body in a sentence. */
export function Differences({ then, now }: { readonly then: Written; readonly now: Written }) {
  const fields = fieldDifferences(then, now);
  const sentences = bodyDifferences(then, now);
  return (
    <section aria-label="What differs from now" className={classes.differences}>
      <Text size="sm" fw={600}>
        What differs from now
      </Text>
      {fields.length + sentences.length === 0 && <Text size="sm">Nothing: it reads as the mailing does now.</Text>}
      {fields.length > 0 && (
        <dl>
          {fields.map(({ label, was, now }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <bdi>{was === "" ? "empty" : was}</bdi>
                <Text size="xs" c="dimmed">
                  now: <bdi>{now === "" ? "empty" : now}</bdi>
                </Text>
              </dd>
            </div>
          ))}
        </dl>
      )}
      {sentences.length > 0 && (
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
