import { Kbd, Modal, Switch, Table } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { menu } from "./menu.ts";

const places = menu.flatMap(({ items }) => items.flatMap(({ key, label, to }) => (key ? [{ key, label, to }] : [])));
const togetherMs = 1200;

/** Single keys can be turned off. (WCAG 2.1.4) */
function useSingleKeys() {
  return useLocalStorage({ key: "lockstep-single-keys", defaultValue: true, getInitialValueInEffect: false });
}

/** `g` then a letter goes to a page; `?` shows them all. `/` is the search's own. */
export function useShortcuts(onHelp: () => void): void {
  const navigate = useNavigate();
  const [isOn] = useSingleKeys();
  const wentAt = useRef(0);
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const isSecond = event.timeStamp - wentAt.current < togetherMs;
      const place = places.find(({ key }) => key === event.key);
      wentAt.current = event.key === "g" ? event.timeStamp : 0;
      if (event.key === "?") onHelp();
      else if (isSecond && place) void navigate({ to: place.to });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [isOn, navigate, onHelp]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName))
  );
}

export function ShortcutsModal({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const [isOn, setIsOn] = useSingleKeys();
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <Table mb="md">
        <Table.Tbody>
          <Table.Tr>
            <Table.Td>
              <Kbd>/</Kbd>
            </Table.Td>
            <Table.Td>Search</Table.Td>
          </Table.Tr>
          {places.map(({ key, label }) => (
            <Table.Tr key={key}>
              <Table.Td>
                <Kbd>g</Kbd> <Kbd>{key}</Kbd>
              </Table.Td>
              <Table.Td>{label}</Table.Td>
            </Table.Tr>
          ))}
          <Table.Tr>
            <Table.Td>
              <Kbd>?</Kbd>
            </Table.Td>
            <Table.Td>This list</Table.Td>
          </Table.Tr>
        </Table.Tbody>
      </Table>
      <Switch label="Single-key shortcuts" checked={isOn} onChange={(event) => setIsOn(event.currentTarget.checked)} />
    </Modal>
  );
}
