import { ActionIcon, Box, Button, Group, SegmentedControl, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { keepPreviousData } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { startOfDay } from "../../ui/days.ts";
import { Page } from "../../ui/page.tsx";
import { Loaded } from "../../ui/states.tsx";
import { useNow, useTimes } from "../../ui/when.tsx";
import type { CalendarSearch } from "../report/routes.ts";
import { DayList } from "./day-list.tsx";
import { dateIn, firstDayOf, monthAfter, weeksOf } from "./month.ts";
import { MonthGrid } from "./month-grid.tsx";

const route = getRouteApi("/shell/mailings/calendar");

/** Mailings › Calendar: what went out and what is coming, by days of the account's zone. Page Up and Page Down turn months. */
export function CalendarPage() {
  const times = useTimes();
  const today = dateIn(times.timeZone, useNow());
  const { month = today.slice(0, 7), view } = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: CalendarSearch) =>
    void navigate({ search: { ...(view && { view }), ...change }, replace: true, resetScroll: false });
  const turn = (by: number) => {
    const to = monthAfter(month, by);
    go(to === today.slice(0, 7) ? {} : { month: to });
  };
  const weeks = weeksOf(month, firstDayOf(times.locale));
  const [first, last] = [weeks[0]?.[0]?.date ?? today, weeks.at(-1)?.[6]?.date ?? today];
  const found = api.useQuery(
    "get",
    "/api/v1/instances",
    {
      params: {
        query: { from: startOfDay(first, times.timeZone), to: startOfDay(last, times.timeZone, 1), limit: 200 },
      },
    },
    { placeholderData: keepPreviousData },
  );
  const name = new Intl.DateTimeFormat(times.locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${month}-15T00:00:00Z`),
  );
  return (
    <Page
      title="Calendar"
      about={
        <>
          What went out and what is scheduled, by {times.timeZone} time.
          <Text span inherit visibleFrom="md">
            {" "}
            Page Up and Page Down turn the months.
          </Text>
        </>
      }
    >
      <Box
        onKeyDown={(event) => {
          if (event.key !== "PageUp" && event.key !== "PageDown") return;
          event.preventDefault();
          turn(event.key === "PageUp" ? -1 : 1);
        }}
      >
        <Group justify="space-between" mb="md" gap="sm">
          <Group gap="xs" wrap="nowrap">
            <ActionIcon variant="default" size="lg" aria-label="Month before" onClick={() => turn(-1)}>
              <IconChevronLeft size={17} aria-hidden />
            </ActionIcon>
            <ActionIcon variant="default" size="lg" aria-label="Month after" onClick={() => turn(1)}>
              <IconChevronRight size={17} aria-hidden />
            </ActionIcon>
            <Button variant="default" onClick={() => go({})}>
              Today
            </Button>
            <Text component="h2" fz="lg" fw={620} ml={6} aria-live="polite">
              {name}
            </Text>
          </Group>
          <SegmentedControl
            visibleFrom="sm"
            aria-label="Month or list"
            data={[
              { value: "month", label: "Month" },
              { value: "list", label: "List" },
            ]}
            value={view ?? "month"}
            onChange={(value) => {
              const kept = month === today.slice(0, 7) ? {} : { month };
              void navigate({ search: value === "list" ? { ...kept, view: "list" } : kept, replace: true });
            }}
          />
        </Group>
        <Loaded query={found} lines={10}>
          {({ items, next }) => (
            <>
              {next !== null && (
                <Text size="sm" c="dimmed" mb="sm">
                  Only the last 200 of these weeks are shown.
                </Text>
              )}
              {view !== "list" && (
                <Box visibleFrom="sm">
                  <MonthGrid weeks={weeks} today={today} instances={items} name={name} />
                </Box>
              )}
              <Box {...(view !== "list" && { hiddenFrom: "sm" as const })}>
                <DayList month={month} today={today} instances={items} />
              </Box>
            </>
          )}
        </Loaded>
      </Box>
    </Page>
  );
}
