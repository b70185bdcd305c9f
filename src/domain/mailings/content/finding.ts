import type { Check } from "../mailing.ts";

/** Something about what is written: a line of the checklist, and the part of the mailing that it is about. */
export interface Finding extends Check {
  readonly path: "subject" | "preheader" | "body" | "textPart";
}

/** What can't be sent as it stands. */
export function blocking(path: Finding["path"], code: string, message: string, wayOut: string): Finding {
  return { path, code, severity: "blocks", message, wayOut };
}

export function warning(path: Finding["path"], code: string, message: string, wayOut: string): Finding {
  return { path, code, severity: "warning", message, wayOut };
}
