/** How many people each step of Count Details takes away, and how the rest stands. Whole numbers. (product 1.6) */
export interface Counts {
  readonly totalRecords: number;
  readonly unusable: number;
  readonly withoutAddress: number;
  readonly malformedAddress: number;
  readonly duplicate: number;
  readonly doNotEmail: number;
  readonly unsubscribed: number;
  readonly badEmail: number;
  readonly sendable: number;
}

export type CountStep =
  | "total_records"
  | "unusable"
  | "without_address"
  | "malformed_address"
  | "duplicate"
  | "distinct_valid"
  | "do_not_email"
  | "unsubscribed"
  | "bad_email"
  | "sendable";

export interface CountDetailsStep {
  readonly step: CountStep;
  /** The product's words for it. */
  readonly label: string;
  readonly people: number;
  /** `total` starts the chain, `minus` takes away, `equals` is what is left there. */
  readonly sign: "total" | "minus" | "equals";
}

/**
 * The chain, in the order that Count Details shows it. The step `unusable` stands only where there are such rows.
 * @param source where the records come from, when it isn't the AMS
 */
export function countDetails(counts: Counts, amsName: string, source = `from ${amsName}`): readonly CountDetailsStep[] {
  const step = (step: CountStep, sign: CountDetailsStep["sign"], people: number, label: string) => ({
    step,
    sign,
    people,
    label,
  });
  return [
    step("total_records", "total", counts.totalRecords, `total records ${source}`),
    ...(counts.unusable > 0
      ? [step("unusable", "minus", counts.unusable, "without a usable customer key or flag, or erased")]
      : []),
    step("without_address", "minus", counts.withoutAddress, "without e-mail address"),
    step("malformed_address", "minus", counts.malformedAddress, "malformed address"),
    step("duplicate", "minus", counts.duplicate, "duplicate"),
    step("distinct_valid", "equals", distinctValid(counts), "distinct and valid e-mail addresses"),
    step("do_not_email", "minus", counts.doNotEmail, `do not e-mail (${amsName})`),
    step("unsubscribed", "minus", counts.unsubscribed, "unsubscribed here"),
    step("bad_email", "minus", counts.badEmail, "bad e-mail"),
    step("sendable", "equals", counts.sendable, "sendable"),
  ];
}

/** Members of the group: distinct and valid e-mail addresses. */
export function distinctValid(counts: Counts): number {
  return counts.doNotEmail + counts.unsubscribed + counts.badEmail + counts.sendable;
}

/** Whether the chain adds up, as it must at every commit. */
export function addsUp(counts: Counts): boolean {
  const rejected = counts.unusable + counts.withoutAddress + counts.malformedAddress + counts.duplicate;
  return counts.totalRecords === rejected + distinctValid(counts);
}
