import { Alert, Checkbox, Text } from "@mantine/core";
import { IconTrendingUp } from "@tabler/icons-react";
import type { Schema } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";

interface Props {
  readonly growth: Schema<"Growth">;
  readonly isConfirmed: boolean;
  readonly onConfirm: (isConfirmed: boolean) => void;
}

/** An audience that has grown suspiciously: both numbers, and a yes to them. (product 1.5) */
export function GrowthQuestion({ growth, isConfirmed, onConfirm }: Props) {
  const { count } = useNumbers();
  const before = {
    last_publish: `The last publish went to ${count(growth.people)} people`,
    median: `These groups had ${count(growth.people)} people in the middle of the last 30 days`,
    confirmed: `You saw ${count(growth.people)} people`,
  }[growth.source];
  return (
    <Alert color="orange" variant="light" icon={<IconTrendingUp aria-hidden />} title="The audience has grown">
      <Text size="sm" mb="sm">
        {before}; now it is <strong>{count(growth.now)}</strong>. A query that lost its filter looks like this: look at
        the groups first.
      </Text>
      <Checkbox
        checked={isConfirmed}
        onChange={({ currentTarget }) => onConfirm(currentTarget.checked)}
        label={`Yes, it shall go to ${count(growth.now)} people, not ${count(growth.people)}`}
      />
    </Alert>
  );
}
