/** So many hard bounces of one mailing within an hour are no accident of single addresses. */
const flood = { percent: 20, least: 50 } as const;

/** How long a flood is looked back for. */
export const floodWindow = { hours: 1 } as const;

/**
 * Whether bounces come in a flood: more than 20 % of a mailing within an hour, and more than 50. A relay that returns
 * everything, or a forger, must not turn a list into bad addresses. (reliability 1.3, 19)
 */
export function isFlood({ hard, recipients }: { readonly hard: number; readonly recipients: number }): boolean {
  return hard > flood.least && hard * 100 > recipients * flood.percent;
}
