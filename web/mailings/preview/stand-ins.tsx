import { Alert, Text } from "@mantine/core";
import type { Schema } from "../../api/client.ts";
import classes from "./preview.module.css";

type StandIn = Schema<"StandIn">;
type Parts = Schema<"MailingPreview">["marked"]["subject"];

/** A text whose parts that stand for a missing value are marked; without marks as the reader gets it. */
export function Marked({ parts, isMarked }: { readonly parts: Parts; readonly isMarked: boolean }) {
  return parts.map(({ text, standsFor }, at) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text, drawn anew as a whole
    if (standsFor === null || !isMarked) return <span key={at}>{text}</span>;
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: as above
      <mark key={at} className={classes.mark} title={`${standsFor}: there is no value`}>
        {text === "" ? `[${standsFor}: nothing]` : text}
      </mark>
    );
  });
}

const placeWords: Readonly<Record<StandIn["places"][number], string>> = {
  subject: "the subject",
  body: "the body",
  attribute: "a link's address or a picture's description",
  text_part: "the text part",
};

/** Beside the mail: which values this person lacks, and what took the place of each. */
export function StandIns({ items }: { readonly items: readonly StandIn[] }) {
  if (items.length === 0) return null;
  const fields = new Set(items.map(({ field }) => field)).size;
  const hasGap = items.some(({ from }) => from === null);
  return (
    <Alert
      color={hasGap ? "orange" : "gray"}
      title={fields === 1 ? "One value is missing" : `${fields} values are missing`}
    >
      <ul className={classes.standIns}>
        {items.map((item) => (
          <li key={`${item.field} ${item.text}`}>
            <bdi>{item.displayName}</bdi>: <Instead {...item} /> In{" "}
            {listed(item.places.map((place) => placeWords[place]))}.
          </li>
        ))}
      </ul>
      {hasGap && (
        <Text size="sm" mt={4}>
          To fill a gap, choose the field again in the mailing and say what stands for people without a value.
        </Text>
      )}
    </Alert>
  );
}

function Instead({ text, from }: StandIn) {
  if (from === null) return "nothing stands there, and there is no default.";
  return (
    <>
      “<bdi>{text}</bdi>” stands there, {from === "mailing" ? "the default in this mailing" : "the field's own default"}
      .
    </>
  );
}

const listed = (words: readonly string[]) => new Intl.ListFormat("en-GB").format(words);
