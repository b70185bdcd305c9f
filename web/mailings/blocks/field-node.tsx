import { mergeAttributes, Node, NodeViewWrapper, type ReactNodeViewProps, ReactNodeViewRenderer } from "@tiptap/react";
import { labelOf, useFields } from "../editor/fields.tsx";
import classes from "./canvas.module.css";

/** A personal value in a text, as one piece that can't be broken by typing. `fromChips` writes it as Liquid. */
export const FieldNode = Node.create({
  name: "field",
  group: "inline",
  inline: true,
  atom: true,
  addAttributes: () => ({
    field: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-field"),
      renderHTML: ({ field }) => ({ "data-field": field }),
    },
    fallback: {
      default: "",
      parseHTML: (element) => element.getAttribute("data-default"),
      renderHTML: ({ fallback }) => ({ "data-default": fallback }),
    },
  }),
  parseHTML: () => [{ tag: "span[data-field]" }],
  renderHTML: ({ HTMLAttributes }) => ["span", mergeAttributes(HTMLAttributes)],
  renderText: ({ node }) => `{{ ${node.attrs.field} }}`,
  addNodeView: () => ReactNodeViewRenderer(FieldChip),
});

function FieldChip({ node, selected }: ReactNodeViewProps) {
  const { field, fallback } = node.attrs as { readonly field: string; readonly fallback: string };
  const { label, isKnown } = labelOf(field, useFields());
  return (
    <NodeViewWrapper
      as="span"
      className={classes.chip}
      data-selected={selected || undefined}
      data-unknown={!isKnown || undefined}
      title={isKnown ? (fallback ? `Without a value: “${fallback}”` : undefined) : "No such field in netFORUM Pro"}
    >
      {label}
    </NodeViewWrapper>
  );
}
