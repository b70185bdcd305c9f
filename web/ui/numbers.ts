import { useMe } from "../api/me.ts";

/** Numbers in the account's own language of numbers. */
export interface Numbers {
  /** Grouped: 1,000,000. */
  count(value: number): string;
  /** With its sign: +12, −3. */
  change(value: number): string;
  /** A share of 1 as per cent. */
  percent(share: number): string;
  /** A length of time from milliseconds, in its two largest units: 1 min 4 s. */
  duration(ms: number): string;
}

export function createNumbers(locale: string): Numbers {
  // Made when first asked for: few pages need each.
  const formatter = (options: Intl.NumberFormatOptions) => {
    let format: Intl.NumberFormat | undefined;
    return (value: number) => {
      format ??= new Intl.NumberFormat(locale, options);
      return format.format(value);
    };
  };
  const signed = formatter({ signDisplay: "exceptZero" });
  const unit = (value: number, name: string) => formatter({ style: "unit", unit: name, unitDisplay: "short" })(value);
  return {
    count: formatter({}),
    change: (value) => signed(value).replace("-", "−"),
    percent: formatter({ style: "percent", maximumFractionDigits: 1 }),
    duration(ms) {
      const seconds = Math.round(ms / 1000);
      if (seconds < 60) return unit(ms < 10_000 ? Math.round(ms / 100) / 10 : seconds, "second");
      if (seconds < 3600) return `${unit(Math.floor(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
      return `${unit(Math.floor(seconds / 3600), "hour")} ${unit(Math.round((seconds % 3600) / 60), "minute")}`;
    },
  };
}

/** Making a format costs a slow machine a millisecond, and every row of a table asks for one. */
const known = new Map<string, Numbers>();

/** How this account writes numbers. */
export function useNumbers(): Numbers {
  const locale = useMe().account?.locale ?? "en";
  const numbers = known.get(locale) ?? createNumbers(locale);
  known.set(locale, numbers);
  return numbers;
}
