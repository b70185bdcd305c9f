import { Alert, Button, Group, Menu, Modal, Stack, Tabs, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { Section } from "../../ui/section.tsx";
import { Loading } from "../../ui/states.tsx";
import { newDocument, readDocument, writeDocument } from "../document/document.ts";
import { newId } from "../document/new-id.ts";
import type { Content } from "../mailing.ts";
import type { EditingProps } from "./envelope.tsx";
import { TextPart } from "./text-part.tsx";
import { useCode } from "./use-code.tsx";

const BlockEditor = lazy(async () => ({ default: (await import("../blocks/block-editor.tsx")).BlockEditor }));
const CodeEditor = lazy(async () => ({ default: (await import("./code-editor.tsx")).CodeEditor }));

type Kind = Content["bodyKind"];
const kinds: Readonly<Record<Kind, { readonly label: string; readonly about: string }>> = {
  blocks: { label: "Blocks", about: "Put together and written in place" },
  mjml: { label: "MJML code", about: "Mark-up for mails, compiled for every mail program" },
  html: { label: "HTML", about: "Pasted from elsewhere, sent as it is" },
};

/** What is written: the body in one of three kinds, and the text for programs that show no HTML. */
export function Body(editing: EditingProps) {
  const { draft, content, isEditable } = editing;
  const { bodyKind, body } = content;
  const change = (next: string) => draft.change({ body: next });
  return (
    <Section title="Body" actions={isEditable && <KindMenu {...editing} />}>
      <Tabs defaultValue="body" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="body">{kinds[bodyKind].label}</Tabs.Tab>
          <Tabs.Tab value="text">Text part</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="body">
          <Suspense fallback={<Loading lines={10} />}>
            {bodyKind !== "blocks" ? (
              <CodeEditor
                key={bodyKind}
                label={bodyKind === "mjml" ? "MJML code of the mailing" : "HTML of the mailing"}
                value={body}
                takesTexts={bodyKind === "html"}
                isEditable={isEditable}
                onChange={change}
              />
            ) : readDocument(body) ? (
              <BlockEditor body={body} isEditable={isEditable} onChange={change} />
            ) : (
              <Alert color="orange" title="These blocks can't be read">
                <Text size="sm" mb="sm">
                  A program wrote something that is no document of blocks. It stays as it is until you begin anew.
                </Text>
                {isEditable && (
                  <Button size="xs" variant="default" onClick={() => change(writeDocument(newDocument(newId)))}>
                    Begin anew
                  </Button>
                )}
              </Alert>
            )}
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="text">
          <TextPart {...editing} />
        </Tabs.Panel>
      </Tabs>
    </Section>
  );
}

/** Another kind of body. From blocks there is a way to code, and none back: it is asked first. */
function KindMenu({ draft, content }: EditingProps) {
  const [wanted, setWanted] = useState<Kind | null>(null);
  const [isOpen, { open, close }] = useDisclosure(false);
  const { bodyKind } = content;
  const ask = (kind: Kind) => {
    setWanted(kind);
    open();
  };
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} aria-hidden />}>
            Written as: {kinds[bodyKind].label}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(Object.keys(kinds) as Kind[])
            .filter((kind) => kind !== bodyKind)
            .map((kind) => (
              <Menu.Item key={kind} onClick={() => ask(kind)}>
                {kinds[kind].label}
                <Text size="xs" c="dimmed">
                  {kinds[kind].about}
                </Text>
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={isOpen && wanted !== null} onClose={close} title={`Go on in ${wanted && kinds[wanted].label}?`}>
        {wanted && <Switch draft={draft} content={content} wanted={wanted} onDone={close} />}
      </Modal>
    </>
  );
}

interface SwitchProps extends Pick<EditingProps, "draft" | "content"> {
  readonly wanted: Kind;
  readonly onDone: () => void;
}

function Switch({ draft, content, wanted, onDone }: SwitchProps) {
  const { bodyKind } = content;
  const code = useCode(draft);
  const put = (body: string) => {
    draft.change({ bodyKind: wanted, body });
    onDone();
  };
  return (
    <Stack>
      <Text size="sm">
        {wanted === "blocks"
          ? `The ${kinds[bodyKind].label} can't be made into blocks: you begin with an empty mailing, and the code is given up.`
          : bodyKind === "blocks"
            ? `The blocks become ${kinds[wanted].label}, which you then change by hand. There is no way back to blocks: copy the mailing first if you may want them again.`
            : `You go on with ${wanted === "html" ? "the HTML that the MJML makes" : "an empty MJML; the HTML is given up"}.`}
      </Text>
      {code.problem}
      <Group>
        {wanted === "blocks" ? (
          <Button onClick={() => put(writeDocument(newDocument(newId)))}>Begin with blocks</Button>
        ) : (
          <>
            {(wanted === "html" || bodyKind === "blocks") && (
              <Button loading={code.isPending} onClick={() => void code.make(wanted).then((made) => made && put(made))}>
                Go on in {kinds[wanted].label}
              </Button>
            )}
            <Button variant="default" onClick={() => put(wanted === "mjml" ? emptyMjml : "")}>
              Begin empty
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}

const emptyMjml = `<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Dear {{ ind_first_name | default: "friend" }},</mj-text>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text align="center" font-size="12px">
          {{ postal_address }}<br />
          <a href="{{ unsubscribe_url }}">Unsubscribe</a> · <a href="{{ preferences_url }}">Your preferences</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;
