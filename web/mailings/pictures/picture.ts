import type { Schema } from "../../api/client.ts";

export type Picture = Schema<"Image">;

/** On these pages, which may stand under another name than mails say. */
export const pathOf = ({ id, fileName }: Pick<Picture, "id" | "fileName">) =>
  `/images/${id}/${encodeURIComponent(fileName)}`;

/** "640 × 320 px, 34 kB" */
export function sizeOf({ width, height, bytes }: Picture, count: (value: number) => string): string {
  return `${count(width)} × ${count(height)} px, ${count(Math.max(1, Math.round(bytes / 1024)))} kB`;
}
