import "@mantine/tiptap/styles.css";
import { RichTextEditor } from "@mantine/tiptap";
import type { Editor } from "@tiptap/react";
import { FieldPicker } from "../editor/field-picker.tsx";
import classes from "./canvas.module.css";

const labels = {
  linkEditorInputLabel: "Address of the link",
  linkEditorInputPlaceholder: "https://example.org/",
  linkEditorExternalLink: "Open in a new tab",
  linkEditorInternalLink: "Open in the same tab",
};

interface Props {
  readonly editor: Editor;
  /** Lists are for texts of several lines. */
  readonly hasLists: boolean;
}

/** How the text that one writes in can look. */
export function FormatBar({ editor, hasLists }: Props) {
  return (
    <RichTextEditor
      editor={editor}
      variant="subtle"
      labels={labels}
      styles={{ root: { border: 0, background: "transparent" } }}
    >
      <div role="toolbar" aria-label="Formatting" className={classes.controls}>
        <RichTextEditor.Bold />
        <RichTextEditor.Italic />
        <RichTextEditor.Underline />
        <RichTextEditor.Link />
        <RichTextEditor.Unlink />
        {hasLists && (
          <>
            <RichTextEditor.BulletList />
            <RichTextEditor.OrderedList />
          </>
        )}
        <FieldPicker
          into="this text"
          onPick={({ field, fallback }) =>
            editor
              .chain()
              .focus()
              .insertContent([{ type: "field", attrs: { field, fallback } }])
              .run()
          }
        />
      </div>
    </RichTextEditor>
  );
}
