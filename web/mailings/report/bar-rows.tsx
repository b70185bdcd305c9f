import { useNumbers } from "../../ui/numbers.ts";
import classes from "./report.module.css";
import { shareOf } from "./words.ts";

interface Row {
  readonly label: string;
  readonly value: number;
  readonly tone?: "good" | "bad" | "quiet";
}

interface BarRowsProps {
  /** What the bars are of, for who can't see them. */
  readonly label: string;
  readonly rows: readonly Row[];
  /** What a full bar is. */
  readonly whole: number;
}

/** Numbers with a bar each, and their share of the whole: chart and table in one. */
export function BarRows({ label, rows, whole }: BarRowsProps) {
  const { count, percent } = useNumbers();
  return (
    <table className={classes.bars} aria-label={label}>
      <tbody>
        {rows.map(({ label: name, value, tone = "good" }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td className={classes.line} aria-hidden>
              <span className={classes.track}>
                <span
                  className={classes.bar}
                  data-tone={tone}
                  style={{ width: `${Math.min(100, shareOf(value, whole) * 100)}%` }}
                />
              </span>
            </td>
            <td className={classes.figure}>{count(value)}</td>
            <td className={classes.figure}>{percent(shareOf(value, whole))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
