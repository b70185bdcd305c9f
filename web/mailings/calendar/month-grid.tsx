import { Link } from "@tanstack/react-router";
import { useTimes } from "../../ui/when.tsx";
import { type Instance, instanceWords } from "../instance/words.ts";
import classes from "./calendar.module.css";
import { type Day, dateIn } from "./month.ts";

interface MonthGridProps {
  readonly weeks: readonly (readonly Day[])[];
  readonly today: string;
  readonly instances: readonly Instance[];
  readonly name: string;
}

const shownOnADay = 4;

/** A month of whole weeks, each day with its mailings by their time. */
export function MonthGrid({ weeks, today, instances, name }: MonthGridProps) {
  const { timeZone, locale } = useTimes();
  const dayName = (date: string, weekday: "short" | "long") =>
    new Intl.DateTimeFormat(locale, { weekday, timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));
  const of = (date: string) =>
    instances
      .filter(({ dueAt }) => dateIn(timeZone, dueAt) === date)
      .toSorted((a, b) => Date.parse(a.dueAt) - Date.parse(b.dueAt));
  return (
    <table className={classes.month} aria-label={name}>
      <thead>
        <tr>
          {weeks[0]?.map(({ date }) => (
            <th key={date} scope="col" abbr={dayName(date, "long")}>
              {dayName(date, "short")}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week) => (
          <tr key={week[0]?.date}>
            {week.map(({ date, isOwn }) => (
              <td key={date} className={classes.day} data-other={!isOwn || undefined}>
                <time dateTime={date} className={classes.date} aria-current={date === today ? "date" : undefined}>
                  {Number(date.slice(8))}
                </time>
                <DayItems instances={of(date)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function DayItems({ instances }: { readonly instances: readonly Instance[] }) {
  if (instances.length === 0) return null;
  const more = instances.length - shownOnADay;
  return (
    <ul className={classes.items}>
      {instances.slice(0, shownOnADay).map((instance) => (
        <li key={instance.id}>
          <CalendarLink instance={instance} />
        </li>
      ))}
      {more > 0 && <li className={classes.date}>and {more} more: see the list</li>}
    </ul>
  );
}

/** One mailing: its report once it is out, else its steps. */
function CalendarLink({ instance }: { readonly instance: Instance }) {
  const { locale, timeZone } = useTimes();
  const { word, tone } = instanceWords[instance.state];
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone }).format(new Date(instance.dueAt));
  return (
    <Link to={instanceAddress(instance)} className={classes.item} data-tone={tone} title={`${instance.name} · ${word}`}>
      <span className={classes.name}>
        <bdi>{instance.name}</bdi>
      </span>
      <span>
        {time} · {word}
      </span>
    </Link>
  );
}

/** Where more of it is to be seen. */
export function instanceAddress({ id, state }: Instance): string {
  return state === "sent" ? `/instances/${id}/report` : `/instances/${id}`;
}
