import { ActionIcon, Group, SegmentedControl, Select, Stack, Switch, Text, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconArrowRight } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Loaded } from "../../ui/states.tsx";
import { FindPerson } from "./find-person.tsx";
import { Links } from "./links.tsx";
import classes from "./preview.module.css";
import { SizeMeter } from "./size-meter.tsx";
import { Marked, StandIns } from "./stand-ins.tsx";
import { neighbour, toPerson, toQuery, type ViewAs } from "./view-as.ts";

interface Props {
  readonly id: string;
  /** What is saved by now: another version is asked for anew. */
  readonly version: number;
  /** One that stood in it earlier, in place of what is saved. */
  readonly keptVersion?: number;
}

type Look = "desktop" | "phone" | "text";

/** Looked at as anybody, on a desktop, on a phone or as text, light or dark. Nothing is sent, and links lead nowhere. */
export function PreviewPane({ id, version, keptVersion }: Props) {
  const [as, setAs] = useState<ViewAs>({ kind: "no_values" });
  const [look, setLook] = useState<Look>("desktop");
  const [isDark, setIsDark] = useState(false);
  const [isMarked, setIsMarked] = useState(true);
  const kept = keptVersion === undefined ? {} : { keptVersion };
  const preview = api.useQuery(
    "post",
    "/api/v1/mailings/{id}/preview",
    { params: { path: { id } }, body: { person: toPerson(as), ...kept }, headers: { "x-version": String(version) } },
    { placeholderData: keepPreviousData, retry: false },
  );
  const frame = `/api/v1/mailings/${id}/preview.html?${new URLSearchParams({ ...toQuery(as), look: isDark ? "dark" : "light", marks: isMarked ? "stand_ins" : "none", version: String(version), ...(keptVersion !== undefined && { keptVersion: String(keptVersion) }) })}`;
  return (
    <Stack gap="md">
      <Group align="end" gap="sm">
        <ViewAsPicker as={as} onChange={setAs} />
        <SegmentedControl
          aria-label="Shown on"
          value={look}
          onChange={(value) => setLook(value as Look)}
          data={[
            { value: "desktop", label: "Desktop" },
            { value: "phone", label: "Phone" },
            { value: "text", label: "Text" },
          ]}
        />
        <Switch
          label="Dark"
          checked={isDark}
          disabled={look === "text"}
          onChange={({ currentTarget }) => setIsDark(currentTarget.checked)}
          pb={8}
        />
        <Switch
          label="Mark missing values"
          checked={isMarked}
          onChange={({ currentTarget }) => setIsMarked(currentTarget.checked)}
          pb={8}
        />
      </Group>
      <Loaded query={preview} lines={12}>
        {({ subject, html, marked, standIns, bytes, person }) => (
          <Stack gap="md" style={{ opacity: preview.isPlaceholderData ? 0.6 : 1 }}>
            <div className={classes.inbox}>
              <Text fw={620}>
                <bdi>
                  {subject === "" && marked.subject.length === 0 ? (
                    "Without a subject"
                  ) : (
                    <Marked parts={marked.subject} isMarked={isMarked} />
                  )}
                </bdi>
              </Text>
              <Text size="sm" c="dimmed" role="status">
                As <bdi>{nameOf(as, person)}</bdi> gets it. Links lead nowhere here.
              </Text>
            </div>
            <StandIns items={standIns} />
            {look === "text" ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard too
              <section tabIndex={0} aria-label="Text part">
                <pre className={classes.text}>
                  <Marked parts={marked.text} isMarked={isMarked} />
                </pre>
              </section>
            ) : (
              <div className={classes.stage}>
                <iframe
                  key={frame}
                  title={look === "phone" ? "The mailing on a phone" : "The mailing"}
                  sandbox=""
                  src={frame}
                  className={classes.frame}
                  data-look={look}
                />
              </div>
            )}
            <SizeMeter bytes={bytes} />
            <Links html={html} />
          </Stack>
        )}
      </Loaded>
    </Stack>
  );
}

function nameOf(as: ViewAs, person: { readonly email: string } | null): string {
  if (as.kind === "no_values") return "somebody without any value";
  if (as.kind === "longest_values") return "somebody with the longest values";
  return person?.email ?? as.person.email;
}

interface PickerProps {
  readonly as: ViewAs;
  readonly onChange: (as: ViewAs) => void;
}

function ViewAsPicker({ as, onChange }: PickerProps) {
  const found = api.useQuery("get", "/api/v1/subscribers", { params: { query: { limit: 100 } } });
  const people = found.data?.items ?? [];
  const step = (by: -1 | 1, label: string, Icon: typeof IconArrowLeft) => {
    const next = neighbour(people, as, by);
    return (
      <Tooltip label={label}>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={label}
          disabled={!next}
          onClick={() => next && onChange({ kind: "person", person: { id: next.id, email: next.email } })}
        >
          <Icon size={17} aria-hidden />
        </ActionIcon>
      </Tooltip>
    );
  };
  return (
    <Group align="end" gap="xs" wrap="nowrap" className={classes.as ?? ""}>
      <Select
        label="View as"
        w={190}
        allowDeselect={false}
        value={as.kind}
        data={[
          { value: "person", label: "A member" },
          { value: "no_values", label: "Without any value" },
          { value: "longest_values", label: "The longest values" },
        ]}
        onChange={(kind) => {
          const [first] = people;
          if (kind === "person" && first) onChange({ kind, person: { id: first.id, email: first.email } });
          else if (kind === "no_values" || kind === "longest_values") onChange({ kind });
        }}
      />
      {as.kind === "person" && (
        <div style={{ flex: "1 1 14rem", minWidth: 0 }}>
          <FindPerson
            key={as.person.id}
            label="Member"
            person={as.person}
            onChoose={(person) => onChange(person ? { kind: "person", person } : { kind: "no_values" })}
          />
        </div>
      )}
      {step(-1, "The person before", IconArrowLeft)}
      {step(1, "The next person", IconArrowRight)}
    </Group>
  );
}
