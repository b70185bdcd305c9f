import { Tooltip } from "@mantine/core";
import { useRef, useState, useSyncExternalStore } from "react";
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

const clockParts = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
const looks = {
  date: { dateStyle: "medium" },
  /** With the zone's short name. */
  exact: { year: "numeric", month: "short", day: "numeric", ...clockParts, timeZoneName: "short" },
  short: { dateStyle: "medium", timeStyle: "short" },
  clock: clockParts,
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

function createTimes(locale: string, timeZone: string) {
  const made = new Map<keyof typeof looks, Intl.DateTimeFormat>();
  const format = (look: keyof typeof looks) => (at: string | number) => {
    const known = made.get(look) ?? new Intl.DateTimeFormat(locale, { timeZone, ...looks[look] });
    made.set(look, known);
    return known.format(new Date(at));
  };
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const date = format("date");
  return {
    locale,
    timeZone,
    date,
    exact: format("exact"),
    short: format("short"),
    clock: format("clock"),
    /** "4 minutes ago"; from a week on, the date. */
    ago(at: string | number, now: number): string {
      const distance = new Date(at).getTime() - now;
      if (Math.abs(distance) < 45_000) return distance > 0 ? "in a moment" : "just now";
      const step = steps.find(([until]) => Math.abs(distance) < until);
      if (!step) return date(at);
      const [, unitMs, unit] = step;
      return words.format(Math.round(distance / unitMs), unit);
    },
  };
}

/** Kept: making what formats costs a thousand times what formatting does, and a table asks for it in every row. */
const timesOf = new Map<string, ReturnType<typeof createTimes>>();

/** Dates and times as this account writes them, in its zone. */
export function useTimes() {
  const { account } = useMe();
  const { locale, timeZone } = account ?? { locale: "en", timeZone: "UTC" };
  const key = `${locale} ${timeZone}`;
  const times = timesOf.get(key) ?? createTimes(locale, timeZone);
  timesOf.set(key, times);
  return times;
}

interface WhenProps {
  /** An instant as the API writes it; null is shown as `never`. */
  readonly at: string | null;
  readonly never?: string;
  /** Of what is still to come. What has happened is never in the future, whatever this computer's clock says. */
  readonly isAhead?: boolean;
}

/** A moment, relative while it is near; pointed at, exactly, in the account's zone and in UTC. */
export function When({ at, never = "never", isAhead = false }: WhenProps) {
  const times = useTimes();
  const now = useNow();
  if (at === null) return <span>{never}</span>;
  return (
    <Time at={at} label={() => `${times.exact(at)} · ${inUtc(at)}`} noWrap>
      {times.ago(at, isAhead ? now : Math.max(now, new Date(at).getTime()))}
    </Time>
  );
}

/** A moment exactly, in the account's zone. */
export function Moment({ at }: { readonly at: string }) {
  const times = useTimes();
  return (
    <Time at={at} label={() => inUtc(at)}>
      {times.exact(at)}
    </Time>
  );
}

const inUtc = (at: string) => at.replace(/\.\d+Z$/, "Z");

interface TimeProps {
  readonly at: string;
  readonly label: () => string;
  readonly noWrap?: boolean;
  readonly children: string;
}

/** Its tooltip is made when somebody first points at it: a table has a hundred of them, and few are ever asked. */
function Time({ at, label, noWrap, children }: TimeProps) {
  const element = useRef<HTMLTimeElement>(null);
  const [isAsked, setIsAsked] = useState(false);
  return (
    <>
      <time
        ref={element}
        dateTime={at}
        onPointerEnter={() => setIsAsked(true)}
        {...(noWrap && { style: { whiteSpace: "nowrap" } })}
      >
        {children}
      </time>
      {isAsked && <Tooltip target={element} label={label()} defaultOpened />}
    </>
  );
}
