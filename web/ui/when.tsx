import { Tooltip } from "@mantine/core";
import { type ReactElement, useState, useSyncExternalStore } from "react";
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

/** Dates and times as an account writes them, in its zone. */
export interface Times {
  readonly locale: string;
  readonly timeZone: string;
  date(at: string | number): string;
  /** With the zone's short name. */
  exact(at: string | number): string;
  /** The same without seconds. */
  planned(at: string | number): string;
  short(at: string | number): string;
  /** Hour and minute, with the zone's short name. */
  hour(at: string | number): string;
  /** "4 minutes ago"; from a week on, the date. */
  ago(at: string | number, now: number): string;
}

function createTimes(locale: string, timeZone: string): Times {
  const formatter = (options: Intl.DateTimeFormatOptions) => {
    let format: Intl.DateTimeFormat | undefined;
    return (at: string | number) => {
      format ??= new Intl.DateTimeFormat(locale, { timeZone, ...options });
      return format.format(new Date(at));
    };
  };
  const date = formatter({ dateStyle: "medium" });
  const distances = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    locale,
    timeZone,
    date,
    exact: formatter({
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "numeric",
      minute: "2-digit",
      second: "2-digit",
      timeZoneName: "short",
    }),
    planned: formatter({
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "numeric",
      minute: "2-digit",
      timeZoneName: "short",
    }),
    short: formatter({ dateStyle: "medium", timeStyle: "short" }),
    hour: formatter({ hour: "numeric", minute: "2-digit", timeZoneName: "short" }),
    ago(at, now) {
      const distance = new Date(at).getTime() - now;
      if (Math.abs(distance) < 45_000) return distance > 0 ? "in a moment" : "just now";
      const step = steps.find(([until]) => Math.abs(distance) < until);
      if (!step) return date(at);
      const [, unitMs, unit] = step;
      return distances.format(Math.round(distance / unitMs), unit);
    },
  };
}

/** Making a format costs a slow machine a millisecond, and every row of a table asks for some. */
const known = new Map<string, Times>();

/** Dates and times as this account writes them, in its zone. */
export function useTimes(): Times {
  const { account } = useMe();
  const locale = account?.locale ?? "en";
  const timeZone = account?.timeZone ?? "UTC";
  const key = `${locale} ${timeZone}`;
  const times = known.get(key) ?? createTimes(locale, timeZone);
  known.set(key, times);
  return times;
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
    <Told label={() => `${times.exact(at)} · ${at.replace(/\.\d+Z$/, "Z")}`}>
      <time dateTime={at} style={{ whiteSpace: "nowrap" }}>
        {times.ago(at, isAhead ? now : Math.max(now, new Date(at).getTime()))}
      </time>
    </Told>
  );
}

/** A tooltip that is made when somebody first points here: a table has a hundred of them, and few are ever seen. */
function Told({ label, children }: { readonly label: () => string; readonly children: ReactElement }) {
  const [isWanted, setWanted] = useState(false);
  const want = () => setWanted(true);
  if (!isWanted) return <span onPointerEnter={want}>{children}</span>;
  return (
    <Tooltip label={label()}>
      <span>{children}</span>
    </Tooltip>
  );
}

interface MomentProps {
  readonly at: string;
  /** Of what is planned for a full minute: its seconds say nothing. */
  readonly isPlanned?: boolean;
}

/** A moment exactly, in the account's zone. */
export function Moment({ at, isPlanned = false }: MomentProps) {
  const times = useTimes();
  return (
    <Tooltip label={at.replace(/\.\d+Z$/, "Z")}>
      <time dateTime={at}>{isPlanned ? times.planned(at) : times.exact(at)}</time>
    </Tooltip>
  );
}
