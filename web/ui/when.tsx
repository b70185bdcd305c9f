import { Tooltip } from "@mantine/core";
import { useSyncExternalStore } from "react";
import { useMe } from "../api/me.ts";

/** Minutes pass for everything shown at once. */
const listeners = new Set<() => void>();
let minute = Date.now();
setInterval(() => {
  minute = Date.now();
  for (const tell of listeners) tell();
}, 20_000);
function subscribe(tell: () => void): () => void {
  listeners.add(tell);
  return () => void listeners.delete(tell);
}

/** Now, good to about 20 seconds; whoever reads it is drawn again as time passes. */
export function useNow(): number {
  const known = useSyncExternalStore(subscribe, () => minute);
  return Math.max(known, minute);
}

const day = 24 * 3600_000;
const steps = [
  [60_000, 1000, "second"],
  [3600_000, 60_000, "minute"],
  [day, 3600_000, "hour"],
  [7 * day, day, "day"],
] as const;

/** "4 minutes ago"; from a week on, the date. */
function relative(at: number, now: number, locale: string, timeZone: string): string {
  const distance = at - now;
  if (Math.abs(distance) < 45_000) return distance > 0 ? "in a moment" : "just now";
  const step = steps.find(([until]) => Math.abs(distance) < until);
  if (!step) return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone }).format(at);
  const [, unitMs, unit] = step;
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(Math.round(distance / unitMs), unit);
}

/** Dates and times as this account writes them, in its zone. */
export function useTimes() {
  const { account } = useMe();
  const locale = account?.locale ?? "en";
  const timeZone = account?.timeZone ?? "UTC";
  const format = (at: string | number, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(new Date(at));
  return {
    locale,
    timeZone,
    date: (at: string | number) => format(at, { dateStyle: "medium" }),
    /** With the zone's short name. */
    exact: (at: string | number) =>
      format(at, {
        year: "numeric",
        month: "short",
        day: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        timeZoneName: "short",
      }),
    short: (at: string | number) => format(at, { dateStyle: "medium", timeStyle: "short" }),
    clock: (at: string | number) => format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    ago: (at: string | number, now: number) => relative(new Date(at).getTime(), now, locale, timeZone),
  };
}

interface WhenProps {
  /** An instant as the API writes it; null is shown as `never`. */
  readonly at: string | null;
  readonly never?: string;
  /** Of what is still to come. What has happened is never in the future, whatever this computer's clock says. */
  readonly isAhead?: boolean;
}

/** A moment, relative while it is near; hovered or focused, exactly, in the account's zone and in UTC. */
export function When({ at, never = "never", isAhead = false }: WhenProps) {
  const times = useTimes();
  const now = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <Tooltip label={`${times.exact(at)} · ${at.replace(/\.\d+Z$/, "Z")}`}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {times.ago(at, isAhead ? now : Math.max(now, new Date(at).getTime()))}
      </time>
    </Tooltip>
  );
}

/** A moment exactly, in the account's zone. */
export function Moment({ at }: { readonly at: string }) {
  const times = useTimes();
  return (
    <Tooltip label={at.replace(/\.\d+Z$/, "Z")}>
      <time dateTime={at}>{times.exact(at)}</time>
    </Tooltip>
  );
}
