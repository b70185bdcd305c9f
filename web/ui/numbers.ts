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
  const plain = new Intl.NumberFormat(locale);
  const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" });
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const unit = (value: number, name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  return {
    count: (value) => plain.format(value),
    change: (value) => signed.format(value).replace("-", "−"),
    percent: (value) => share.format(value),
    duration(ms) {
      const seconds = Math.round(ms / 1000);
      if (seconds < 60) return unit(ms < 10_000 ? Math.round(ms / 100) / 10 : seconds, "second");
      if (seconds < 3600) return `${unit(Math.floor(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
      return `${unit(Math.floor(seconds / 3600), "hour")} ${unit(Math.round((seconds % 3600) / 60), "minute")}`;
    },
  };
}

/** Kept: making what formats costs a thousand times what formatting does, and a table asks for it in every row. */
const numbersOf = new Map<string, Numbers>();

/** How this account writes numbers. */
export function useNumbers(): Numbers {
  const locale = useMe().account?.locale ?? "en";
  const numbers = numbersOf.get(locale) ?? createNumbers(locale);
  numbersOf.set(locale, numbers);
  return numbers;
}
