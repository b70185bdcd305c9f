import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconArrowLeft, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Loaded, ProblemAlert } from "../../ui/states.tsx";
import { tell } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";
import { pathOf as pathOfMailing } from "../list/mailing-actions.ts";
import { type Picture, pathOf, sizeOf } from "./picture.ts";
import classes from "./pictures.module.css";

interface Props {
  readonly picture: Picture;
  /** Whether the block shows it that one is choosing for, saved or not. */
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onBack: () => void;
}

/** One picture: how large it is, who brought it, where it is used. One that nothing shows can be deleted. */
export function PictureDetails({ picture, isChosen, onChoose, onBack }: Props) {
  const { id, fileName, createdAt, createdBy } = picture;
  const { count } = useNumbers();
  const reask = useReask("/images");
  const uses = api.useQuery(
    "get",
    "/api/v1/images/{id}/uses",
    { params: { path: { id } } },
    { refetchOnMount: "always" },
  );
  const remove = api.useMutation("delete", "/api/v1/images/{id}", {
    onSuccess: async () => {
      onBack();
      tell({ title: `“${fileName}” is deleted` });
      await reask();
    },
  });
  const problem: unknown = remove.error;
  const ask = () =>
    modals.openConfirmModal({
      title: `Delete “${fileName}”?`,
      children: "It can't be chosen any longer. Mails that were sent go on showing it.",
      labels: { confirm: "Delete it", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () => remove.mutate({ params: { path: { id } } }),
    });
  const isUsed = isChosen || (uses.data?.items.length ?? 1) > 0;
  return (
    <Stack gap="sm">
      <div>
        <Button
          data-autofocus
          size="xs"
          variant="subtle"
          leftSection={<IconArrowLeft size={15} aria-hidden />}
          onClick={onBack}
        >
          All pictures
        </Button>
      </div>
      {problem != null && <ProblemAlert error={problem} />}
      <img src={pathOf(picture)} alt="" className={classes.large} />
      <div>
        <Text fw={620} style={{ overflowWrap: "anywhere" }}>
          <bdi>{fileName}</bdi>
        </Text>
        <Text size="sm" c="dimmed">
          <span className="number">{sizeOf(picture, count)}</span>. Uploaded <When at={createdAt} /> by{" "}
          <bdi>{createdBy}</bdi>.
        </Text>
      </div>
      <Loaded query={uses} lines={2}>
        {({ items }) =>
          items.length === 0 ? (
            <Text size="sm">
              {isChosen ? "The block that you choose for shows it." : "No mailing and no template shows it."}
            </Text>
          ) : (
            <div>
              <Text size="sm" fw={500}>
                Used in
              </Text>
              <ul className={classes.uses} aria-label="Used in">
                {items.map((mailing) => (
                  <li key={mailing.id}>
                    <Anchor component={Link} to={pathOfMailing(mailing)} size="sm">
                      <bdi>{mailing.name}</bdi>
                    </Anchor>
                    {mailing.isTemplate ? ", a template" : ""}
                    {mailing.archivedAt === null ? "" : ", archived"}
                  </li>
                ))}
              </ul>
            </div>
          )
        }
      </Loaded>
      <Group>
        <Button onClick={onChoose}>Use this picture</Button>
        <Button
          variant="default"
          color="red"
          disabled={isUsed}
          loading={remove.isPending}
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={ask}
        >
          Delete
        </Button>
      </Group>
      {isUsed && uses.data && (
        <Text size="sm" c="dimmed">
          A picture in use can't be deleted: take it out there first.
        </Text>
      )}
    </Stack>
  );
}
