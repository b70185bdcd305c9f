import { ActionIcon, type ActionIconProps, Menu } from "@mantine/core";
import { IconDotsVertical } from "@tabler/icons-react";
import { type ComponentProps, type ReactNode, useEffect, useRef, useState } from "react";

interface RowMenuProps {
  /** Of what it is the menu. */
  readonly label: string;
  /** Its items; rendered when it is first opened. */
  readonly children: ReactNode;
}

/** The menu of one row. Until it is pressed only its button is there: a list has fifty of them. */
export function RowMenu({ label, children }: RowMenuProps) {
  const [isAsked, setIsAsked] = useState(false);
  if (isAsked) return <AskedMenu label={label}>{children}</AskedMenu>;
  return <RowButton aria-label={label} aria-haspopup="menu" aria-expanded={false} onClick={() => setIsAsked(true)} />;
}

function AskedMenu({ label, children }: RowMenuProps) {
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  // In this order: the menu gives the focus back to what had it when it opened.
  useEffect(() => {
    button.current?.focus();
    setIsOpen(true);
  }, []);
  return (
    <Menu position="bottom-end" withinPortal opened={isOpen} onChange={setIsOpen}>
      <Menu.Target>
        <RowButton ref={button} aria-label={label} />
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}

function RowButton(props: ActionIconProps & ComponentProps<"button">) {
  return (
    <ActionIcon variant="subtle" color="gray" size="md" {...props}>
      <IconDotsVertical size={17} aria-hidden />
    </ActionIcon>
  );
}
