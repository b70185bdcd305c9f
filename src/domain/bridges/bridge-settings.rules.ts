import { z } from "zod";
import { InvalidInputError } from "../../platform/errors.ts";
import { preferenceLinkMistake } from "./preference-link.rules.ts";

const whole = (least: number, most: number) =>
  z.number().int().min(least, `goes from ${least} to ${most}`).max(most, `goes from ${least} to ${most}`);

/** What each of a bridge's settings may be, for every door. (product 1.3 to 1.5) */
export const bridgeSettings = {
  sessionLimit: whole(1, 16),
  guardPercent: whole(0, 100),
  guardMinimum: whole(0, 1_000_000_000),
  guardAbsolute: whole(1, 1_000_000_000).nullable(),
  nightlyIsOn: z.boolean(),
  nightlyHour: whole(0, 23),
  preferenceLink: z
    .string()
    .superRefine((template, { addIssue }) => {
      const message = preferenceLinkMistake(template);
      if (message) addIssue({ code: "custom", message });
    })
    .meta({ description: "https, with `{customer_key}` where the person's key stands; empty: none" }),
};

const form = z.object({ ...bridgeSettings, userName: z.string().min(1).max(200), baseUrl: z.string().max(2048) });

/** @throws InvalidInputError naming each value that can't be one */
export function checkBridgeSettings(values: unknown): void {
  const checked = form.safeParse(values);
  if (checked.success) return;
  throw new InvalidInputError(checked.error.issues.map(({ path, message }) => ({ path: path.join("."), message })));
}
