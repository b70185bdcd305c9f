import { Button, CopyButton, Text } from "@mantine/core";
import { Fragment } from "react";
import type { Schema } from "../../api/client.ts";
import { ToneBadge } from "../../ui/state-badge.tsx";
import type { Tone } from "../../ui/sync-words.ts";
import classes from "./domains.module.css";

export type SendingDomain = Schema<"SendingDomain">;
type Finding = SendingDomain["findings"][number];

const kindWords: Record<Finding["kind"], string> = {
  dkim: "DKIM: the signature",
  next_dkim: "DKIM: the new key",
  spf: "SPF: who may send",
  dmarc: "DMARC: the policy",
  mx: "MX: replies",
  return_path: "Return path: bounces",
};
const statusWords: Record<Finding["status"], { readonly word: string; readonly tone: Tone }> = {
  ok: { word: "In order", tone: "good" },
  warning: { word: "Look at it", tone: "warn" },
  missing: { word: "Missing", tone: "bad" },
  wrong: { word: "Wrong", tone: "bad" },
};

/** One thing that receivers look at: how it is, what stands in DNS, and what to paste there. */
export function FindingRow({ finding }: { readonly finding: Finding }) {
  const { kind, status, message, found, record } = finding;
  const { word, tone } = statusWords[status];
  return (
    <div className={classes.finding}>
      <div>
        <Text size="sm" fw={560} mb={4}>
          {kindWords[kind]}
        </Text>
        <ToneBadge tone={tone}>{word}</ToneBadge>
      </div>
      <div>
        <Text size="sm">{message}</Text>
        {found.length > 0 && (
          <Text size="sm" c="dimmed" mt={4} component="div">
            In DNS now: <Found records={found} />
          </Text>
        )}
        {record && status !== "ok" && <RecordToPaste record={record} />}
      </div>
    </div>
  );
}

const longest = 120;

function Found({ records }: { readonly records: readonly string[] }) {
  return records.map((text, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: two records may be alike
    <code key={at} style={{ display: "block", fontSize: "0.8rem", overflowWrap: "anywhere" }}>
      {text.length > longest ? `${text.slice(0, longest)}…` : text}
    </code>
  ));
}

function RecordToPaste({ record }: { readonly record: NonNullable<Finding["record"]> }) {
  const parts = [
    ["Name", record.name],
    ["Type", record.type],
    ["Value", record.value],
  ] as const;
  return (
    <div className={classes.record}>
      {parts.map(([word, text]) => (
        <Fragment key={word}>
          <Text size="sm" c="dimmed">
            {word}
          </Text>
          <code>{text}</code>
          <CopyButton value={text}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Copy the ${word.toLowerCase()} of ${record.name}`}
                onClick={copy}
              >
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
        </Fragment>
      ))}
    </div>
  );
}
