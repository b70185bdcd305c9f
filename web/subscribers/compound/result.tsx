import { Text } from "@mantine/core";
import { useNumbers } from "../../ui/numbers.ts";
import type { Measured } from "./composition.ts";

/** The number that matters, and why the others can't be written to. */
export function Result({ members }: { readonly members: Measured["members"] }) {
  const { count } = useNumbers();
  const { total, sendable, doNotEmail, unsubscribed, badEmail } = members;
  const others = [
    [doNotEmail, "marked do not e-mail in netFORUM Pro"],
    [unsubscribed, "unsubscribed here"],
    [badEmail, "with a bad address"],
  ] as const;
  const reasons = others.filter(([people]) => people > 0).map(([people, why]) => `${count(people)} ${why}`);
  return (
    <div aria-live="polite">
      <Text fz="xl" fw={650} component="p" m={0} style={{ fontVariantNumeric: "tabular-nums" }}>
        {count(sendable)} sendable{" "}
        <Text span c="dimmed" fz="md" fw={400}>
          of {count(total)} {total === 1 ? "member" : "members"}
        </Text>
      </Text>
      {reasons.length > 0 && (
        <Text size="sm" c="dimmed">
          Not written to: {reasons.join(", ")}.
        </Text>
      )}
    </div>
  );
}
