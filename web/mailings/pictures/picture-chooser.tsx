import { Button, FileButton, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconLibraryPhoto, IconUpload } from "@tabler/icons-react";
import { useRef, useState } from "react";
import type { Schema } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { ProblemAlert } from "../../ui/states.tsx";
import type { BlockOf } from "../document/document.ts";
import { Library } from "./library.tsx";
import { sendPicture } from "./send-picture.ts";

type Picture = BlockOf<"image">;
type Image = Schema<"Image">;

interface Props {
  readonly block: Picture;
  readonly onChange: (block: Picture) => void;
}

/** A picture from this computer, one that is there already, or one of another site by its address. */
export function PictureChooser({ block, onChange }: Props) {
  const reask = useReask("/images");
  const [isSending, setIsSending] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [isOpen, { open, close }] = useDisclosure(false);
  // What is typed while a picture is under way stays.
  const latest = useRef(block);
  latest.current = block;
  const take = ({ id, url }: Image) => onChange({ ...latest.current, imageId: id, url });
  const send = async (file: File | null) => {
    if (!file) return;
    setIsSending(true);
    setProblem(null);
    try {
      take(await sendPicture(file));
      await reask();
    } catch (error) {
      setProblem(error);
    } finally {
      setIsSending(false);
    }
  };
  return (
    <Stack gap="xs">
      {problem !== null && <ProblemAlert error={problem} />}
      <Group gap="xs" grow>
        <FileButton onChange={(file) => void send(file)} accept="image/png,image/jpeg,image/gif,image/webp">
          {(props) => (
            <Button {...props} size="xs" loading={isSending} leftSection={<IconUpload size={15} aria-hidden />}>
              Upload
            </Button>
          )}
        </FileButton>
        <Button size="xs" variant="default" leftSection={<IconLibraryPhoto size={15} aria-hidden />} onClick={open}>
          Choose
        </Button>
      </Group>
      <TextInput
        label="Or its address on another site"
        placeholder="https://example.org/picture.png"
        inputMode="url"
        maxLength={2000}
        value={block.imageId === null ? (block.url ?? "") : ""}
        onChange={({ currentTarget: { value } }) => onChange({ ...block, url: value.trim() || null, imageId: null })}
      />
      <Modal opened={isOpen} onClose={close} title="Pictures" size="lg">
        <Library
          chosen={block.imageId}
          onChoose={(image) => {
            take(image);
            close();
          }}
        />
      </Modal>
    </Stack>
  );
}
