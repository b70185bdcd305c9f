import { TextInput, type TextInputProps } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

interface Props extends Omit<TextInputProps, "value" | "onChange"> {
  /** What is searched for, as the address says. */
  readonly value: string;
  /** Told once typing pauses, without spaces around it. */
  readonly onSearch: (words: string) => void;
}

/** The search of a list. It follows the address when something else changes it, but never what somebody is typing. */
export function SearchBox({ value, onSearch, ...input }: Props) {
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setTyped(value);
  }, [value]);
  const tell = useDebouncedCallback((words: string) => {
    told.current = words;
    onSearch(words);
  }, 250);
  return (
    <TextInput
      data-search
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        tell(currentTarget.value.trim());
      }}
      {...input}
    />
  );
}
