import { Text, UnstyledButton } from "@mantine/core";
import { IconArrowBackUp, IconSend } from "@tabler/icons-react";
import { ToneBadge } from "../../ui/state-badge.tsx";
import classes from "./versions.module.css";
import { changedWords, useMoments, type VersionLine } from "./words.ts";

interface Props {
  readonly versions: readonly VersionLine[];
  readonly chosen: number | null;
  readonly onChoose: (number: number) => void;
}

/** What stood in the mailing, the latest first: when, by whom, and what changed. */
export function VersionList({ versions, chosen, onChoose }: Props) {
  const moment = useMoments();
  const momentOf = (number: number | null) => {
    const found = versions.find((one) => one.number === number);
    return found ? moment(found.savedAt) : "an older version";
  };
  return (
    <ul className={classes.list}>
      {versions.map((version) => {
        const { number, savedAt, savedBy, keptAs, restoredFrom, isCurrent } = version;
        const changed = changedWords(version);
        return (
          <li key={number}>
            <UnstyledButton
              className={classes.version ?? ""}
              data-number={number}
              aria-current={number === chosen ? "true" : undefined}
              onClick={() => onChoose(number)}
            >
              <Text size="sm" fw={600} component="span" className={classes.head ?? ""}>
                {moment(savedAt)}
                {isCurrent && <ToneBadge tone="good">As it stands now</ToneBadge>}
                {keptAs === "published" && (
                  <ToneBadge tone="quiet" sign={IconSend}>
                    Published
                  </ToneBadge>
                )}
              </Text>
              <Text size="sm" component="span">
                <bdi>{savedBy}</bdi>
              </Text>
              <Text size="xs" c="dimmed" component="span">
                {keptAs === "restored" ? (
                  <>
                    <IconArrowBackUp size={13} aria-hidden /> Restored from {momentOf(restoredFrom)}
                  </>
                ) : changed === null ? (
                  "The first that is kept"
                ) : (
                  `Changed: ${changed}`
                )}
              </Text>
            </UnstyledButton>
          </li>
        );
      })}
    </ul>
  );
}
