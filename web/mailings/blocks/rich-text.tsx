import { type Editor, EditorContent, Node, useEditor } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { useEffect, useRef } from "react";
import { fromChips, toChips } from "../document/fields.ts";
import { cleanPaste, programOf } from "../paste/clean-paste.ts";
import { FieldNode } from "./field-node.tsx";

/** Several paragraphs and lists; or one line, as a heading is. */
type Shape = "text" | "line";

const kit = (isLine: boolean) =>
  StarterKit.configure({
    heading: false,
    blockquote: false,
    code: false,
    codeBlock: false,
    horizontalRule: false,
    trailingNode: false,
    ...(isLine && { document: false, bulletList: false, orderedList: false, listItem: false, listKeymap: false }),
    link: { openOnClick: false, defaultProtocol: "https", HTMLAttributes: { target: null, rel: null } },
  });
const Line = Node.create({ name: "doc", topNode: true, content: "paragraph" });
const extensions = { text: [kit(false), FieldNode], line: [kit(true), Line, FieldNode] };

interface Props {
  readonly html: string;
  readonly shape: Shape;
  readonly label: string;
  readonly placeholder: string;
  readonly isEditable: boolean;
  readonly onChange: (html: string) => void;
  /** Told with the editor while this is the block that one writes in. */
  readonly onActive: (editor: Editor) => void;
}

/** A text that is written where it stands. */
export function RichText({ html, shape, label, placeholder, isEditable, onChange, onActive }: Props) {
  const written = useRef(html);
  const shown = useRef(html);
  const editor = useEditor({
    extensions: extensions[shape],
    content: toChips(html),
    editable: isEditable,
    editorProps: {
      // From other pages, and from here, the editor takes what a text can hold and leaves the rest by itself.
      transformPastedHTML: (pasted) => (programOf(pasted) ? toChips(cleanPaste(pasted)) : pasted),
      attributes: {
        role: "textbox",
        "aria-multiline": String(shape === "text"),
        "aria-label": label,
        "data-placeholder": placeholder,
      },
    },
    onCreate: ({ editor: made }) => {
      shown.current = read(made, shape);
    },
    onUpdate: ({ editor: changed }) => {
      const next = read(changed, shape);
      // The same in the editor's own spelling is no change.
      if (next === shown.current) return;
      shown.current = next;
      written.current = next;
      onChange(next);
    },
    onFocus: ({ editor: focused }) => onActive(focused),
  });
  useEffect(() => {
    // Changed from outside: taken back, or another's version.
    if (html === written.current) return;
    written.current = html;
    editor.commands.setContent(toChips(html), { emitUpdate: false });
    shown.current = read(editor, shape);
  }, [html, editor, shape]);
  return <EditorContent editor={editor} />;
}

function read(editor: Editor, shape: Shape): string {
  if (editor.isEmpty) return "";
  const html = fromChips(withPlainItems(editor.getHTML()));
  return shape === "line" ? html.replace(/^<p>/, "").replace(/<\/p>$/, "") : html;
}

/** The editor writes a paragraph into each item of a list, which mail programs set far apart. */
const withPlainItems = (html: string) =>
  html.replaceAll(/<li><p>((?:(?!<\/?(?:p|li)\b).)*)<\/p>(?=<\/li>|<[uo]l)/gs, "<li>$1");
