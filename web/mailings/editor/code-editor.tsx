import { html } from "@codemirror/lang-html";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { Text } from "@mantine/core";
import { basicSetup } from "codemirror";
import { useEffect, useRef } from "react";
import { tell } from "../../ui/toasts.tsx";
import { cleanPaste, isWordPage, programOf } from "../paste/clean-paste.ts";
import classes from "./editor.module.css";

interface Props {
  readonly label: string;
  readonly value: string;
  /** Whether texts of Word and Google Docs can become code here: HTML can stand everywhere in HTML, not in MJML. */
  readonly takesTexts: boolean;
  readonly isEditable: boolean;
  readonly onChange: (value: string) => void;
}

/** MJML or HTML as code. Tab goes on to the next element of the page, as everywhere. */
export function CodeEditor({ label, value, takesTexts, isEditable, onChange }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const tell = useRef(onChange);
  tell.current = onChange;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; what changes outside is brought in below
  useEffect(() => {
    if (!place.current) return;
    view.current = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          basicSetup,
          html(),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label }),
          EditorState.readOnly.of(!isEditable),
          EditorView.domEventHandlers({
            paste: (event, editor) => takesTexts && isEditable && pasteText(event, editor),
          }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell.current(update.state.doc.toString());
          }),
          look,
          syntaxHighlighting(colors),
        ],
      }),
    });
    return () => view.current?.destroy();
  }, [isEditable, label, takesTexts]);
  useEffect(() => {
    const shown = view.current;
    if (!shown || shown.state.doc.toString() === value) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: value } });
  }, [value]);
  return (
    <>
      <div ref={place} className={classes.code} />
      <Text size="xs" c="dimmed" mt={6}>
        Personal values stand as {'{{ field | default: "…" }}'}; the footer needs {"{{ postal_address }}"} and a link to{" "}
        {"{{ unsubscribe_url }}"}.
      </Text>
    </>
  );
}

/** A text copied from Word or Google Docs comes as clean HTML; so does a page that Word saved. @returns whether it was one */
function pasteText({ clipboardData }: ClipboardEvent, editor: EditorView): boolean {
  const plain = clipboardData?.getData("text/plain") ?? "";
  const rich = clipboardData?.getData("text/html") ?? "";
  // Tags in the plain text are meant as code; what comes beside it is only how a program shows that code.
  const isCode = /<[a-z!/]/i.test(plain);
  const program = isCode ? (isWordPage(plain) ? "Word" : null) : programOf(rich);
  if (program === null) return false;
  const clean = cleanPaste(isCode ? plain : rich);
  editor.dispatch(editor.state.replaceSelection(clean), { userEvent: "input.paste", scrollIntoView: true });
  tell({ title: `Pasted from ${program}, without its mark-up`, message: "Ctrl+Z takes it back." });
  return true;
}

/** In the pages' own colours, light and dark. */
const look = EditorView.theme({
  "&": { minHeight: "24rem", maxHeight: "70vh", fontSize: "13px", color: "var(--mantine-color-text)" },
  ".cm-scroller": { fontFamily: "var(--mantine-font-family-monospace)", lineHeight: "1.55" },
  ".cm-gutters": {
    background: "transparent",
    color: "var(--mantine-color-dimmed)",
    borderRight: "1px solid var(--ls-line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": {
    background: "color-mix(in srgb, var(--ls-accent) 7%, transparent)",
  },
  ".cm-cursor": { borderLeftColor: "var(--mantine-color-text)" },
  "&.cm-focused": { outline: "2px solid var(--ls-accent)", outlineOffset: "-2px" },
});

/** Every colour is read at 4.5 : 1 on both grounds. (WCAG 1.4.3) */
const colors = HighlightStyle.define([
  { tag: [tags.tagName, tags.keyword], color: "var(--ls-accent)" },
  { tag: [tags.string, tags.attributeValue, tags.number], color: "var(--ls-warn)" },
  { tag: tags.comment, color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
  { tag: tags.invalid, color: "var(--ls-bad)" },
]);
