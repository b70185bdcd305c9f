import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Schema } from "../../api/client.ts";
import { useMay } from "../../api/me.ts";
import { quiet } from "../../ui/quiet.ts";
import { SearchBox } from "../../ui/search-box.tsx";
import { type CountStep, peopleOfStep } from "./count-steps.ts";
import { Members } from "./members.tsx";
import { RejectedRows } from "./rejected-rows.tsx";

const route = getRouteApi("/shell/target-groups/$groupId");

/** A calendar is much code for a field that few use. */
const MomentPicker = lazy(async () => {
  await quiet();
  return { default: (await import("./moment-picker.tsx")).MomentPicker };
});

const shown: readonly { readonly value: CountStep; readonly label: string }[] = [
  { value: "distinct_valid", label: "All members" },
  { value: "sendable", label: "Sendable" },
  { value: "do_not_email", label: "Do not e-mail (netFORUM Pro)" },
  { value: "unsubscribed", label: "Unsubscribed here" },
  { value: "bad_email", label: "Bad e-mail" },
  { value: "without_address", label: "Without e-mail address" },
  { value: "malformed_address", label: "Malformed address" },
  { value: "duplicate", label: "Duplicate" },
  { value: "unusable", label: "Unusable, or erased" },
  { value: "total_records", label: "All records" },
];

function file(groupId: string, name: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const asked = new URLSearchParams(given).toString();
  return `/api/v1/target-groups/${groupId}/${name}${asked && `?${asked}`}`;
}

/** The people behind one step of the chain; members also as they were at a past moment. A compound has neither rejected rows nor a past. */
export function People({ groupId, kind }: { readonly groupId: string; readonly kind: Schema<"TargetGroup">["kind"] }) {
  const isCompound = kind === "compound";
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { step = "distinct_valid", at } = search;
  const { showsMembers, showsRejected, rejected, standing } = peopleOfStep[step];
  const mayExport = useMay("subscribers:export");
  const go = (change: Partial<typeof search>) => {
    const { cursor: _, rejects: __, ...kept } = { ...search, ...change };
    const next = Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined && value !== ""));
    void navigate({ search: next, resetScroll: false, replace: true });
  };
  return (
    <Stack gap="md" id="people">
      <Group align="end" gap="sm">
        <Select
          label="Show"
          data={isCompound ? shown.filter(({ value }) => !peopleOfStep[value].showsRejected) : shown}
          value={step}
          allowDeselect={false}
          onChange={(value) => value && go({ step: value as CountStep })}
          w={{ base: "100%", xs: 250 }}
        />
        {mayExport && (
          <Button
            component="a"
            variant="default"
            href={
              showsMembers
                ? file(groupId, "members.csv", { standing, at })
                : file(groupId, "rejected-rows.csv", { step: rejected })
            }
            download
            leftSection={<IconDownload size={16} aria-hidden />}
            style={{ order: 9 }}
          >
            {showsMembers && search.search ? "Export all" : "Export"}
          </Button>
        )}
        {showsMembers && (
          <>
            <SearchBox
              label="Find a member"
              placeholder="Name, address or remote ID"
              value={search.search ?? ""}
              onSearch={(words) => go({ search: words })}
              w={{ base: "100%", xs: 240 }}
            />
            {!isCompound && (
              <Suspense fallback={<TextInput label="As of" placeholder="Now" disabled w={{ base: "100%", xs: 220 }} />}>
                <MomentPicker at={at} onChange={(moment) => go({ at: moment } as never)} />
              </Suspense>
            )}
            {at && (
              <Button variant="subtle" onClick={() => go({ at: undefined } as never)}>
                Back to now
              </Button>
            )}
          </>
        )}
      </Group>
      {showsMembers && <Members groupId={groupId} standing={standing} />}
      {showsRejected && (
        <RejectedRows
          groupId={groupId}
          step={rejected}
          isOfFile={kind === "static"}
          cursor={search.rejects}
          onGo={(to) => {
            const { rejects: _, ...kept } = search;
            void navigate({ search: { ...kept, ...(to && { rejects: to }) }, resetScroll: false });
          }}
        />
      )}
    </Stack>
  );
}
