import { TextInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useMay } from "../api/me.ts";

/** The search in the header: `/` goes into it, Enter shows who was found. */
export function FindSubscriber() {
  const field = useRef<HTMLInputElement>(null);
  const navigate = useNavigate();
  const [words, setWords] = useState("");
  const maySearch = useMay("subscribers:read");
  useHotkeys([["/", () => (pageSearch() ?? field.current)?.focus()]]);
  if (!maySearch) return null;
  const find = (event: FormEvent) => {
    event.preventDefault();
    void navigate({ to: "/subscribers", search: words.trim() === "" ? {} : { search: words.trim() } });
    setWords("");
  };
  return (
    <search>
      <form onSubmit={find}>
        <TextInput
          ref={field}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          placeholder="Find a subscriber"
          aria-label="Find a subscriber by name, address or remote ID"
          leftSection={<IconSearch size={16} aria-hidden />}
          w={{ base: 180, sm: 220 }}
          maw="46vw"
          size="sm"
        />
      </form>
    </search>
  );
}

/** A page's own search comes first. */
function pageSearch(): HTMLElement | null {
  return document.querySelector<HTMLElement>("main [data-search]");
}
