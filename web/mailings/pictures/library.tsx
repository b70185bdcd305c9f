import { ActionIcon, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { IconInfoCircle } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useNumbers } from "../../ui/numbers.ts";
import { Empty, Loaded } from "../../ui/states.tsx";
import { type Picture, pathOf, sizeOf } from "./picture.ts";
import { PictureDetails } from "./picture-details.tsx";
import classes from "./pictures.module.css";

interface Props {
  /** The one in the block that is chosen for. */
  readonly chosen: string | null;
  readonly onChoose: (picture: Picture) => void;
}

/** The account's pictures, newest first; each with its details, where it can be deleted. */
export function Library({ chosen, onChoose }: Props) {
  const [shown, setShown] = useState<Picture | null>(null);
  const pictures = api.useInfiniteQuery(
    "get",
    "/api/v1/images",
    { params: { query: { limit: 60 } } },
    {
      pageParamName: "cursor",
      // Null is left out of the address; without one the library would ask for page 0.
      initialPageParam: null,
      getNextPageParam: (page: { readonly next: string | null }) => page.next ?? undefined,
    },
  );
  if (shown)
    return (
      <PictureDetails
        picture={shown}
        isChosen={shown.id === chosen}
        onChoose={() => onChoose(shown)}
        onBack={() => setShown(null)}
      />
    );
  return (
    <Loaded query={pictures}>
      {({ pages }) => {
        const items = pages.flatMap((page) => page.items);
        if (items.length === 0)
          return <Empty title="No pictures yet">What is uploaded for one mailing can be chosen for every other.</Empty>;
        return (
          <>
            <ul className={classes.library} aria-label="Uploaded pictures">
              {items.map((picture) => (
                <Item
                  key={picture.id}
                  picture={picture}
                  isChosen={picture.id === chosen}
                  onChoose={() => onChoose(picture)}
                  onDetails={() => setShown(picture)}
                />
              ))}
            </ul>
            {pictures.hasNextPage && (
              <Group justify="center" mt="md">
                <Button
                  variant="default"
                  size="xs"
                  loading={pictures.isFetchingNextPage}
                  onClick={() => void pictures.fetchNextPage()}
                >
                  Older pictures
                </Button>
              </Group>
            )}
          </>
        );
      }}
    </Loaded>
  );
}

interface ItemProps {
  readonly picture: Picture;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onDetails: () => void;
}

function Item({ picture, isChosen, onChoose, onDetails }: ItemProps) {
  const { count } = useNumbers();
  const { fileName } = picture;
  return (
    <li className={classes.item}>
      <UnstyledButton className={classes.picture ?? ""} aria-pressed={isChosen} onClick={onChoose}>
        <img src={pathOf(picture)} alt="" loading="lazy" />
        <Text component="span" size="xs" truncate display="block" title={fileName}>
          <bdi>{fileName}</bdi>
        </Text>
        <Text component="span" size="xs" c="dimmed" display="block">
          {sizeOf(picture, count)}
        </Text>
      </UnstyledButton>
      <ActionIcon
        variant="default"
        size="md"
        className={classes.details ?? ""}
        aria-label={`${fileName}: details`}
        title="Details, and where it is used"
        onClick={onDetails}
      >
        <IconInfoCircle size={16} aria-hidden />
      </ActionIcon>
    </li>
  );
}
