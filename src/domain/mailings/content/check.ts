import type { Check } from "../mailing.ts";

export const ok = (code: string, message: string): Check => ({ code, severity: "ok", message, wayOut: "" });
export const warning = (code: string, message: string, wayOut: string): Check => ({
  code,
  severity: "warning",
  message,
  wayOut,
});
export const blocks = (code: string, message: string, wayOut: string): Check => ({
  code,
  severity: "blocks",
  message,
  wayOut,
});
