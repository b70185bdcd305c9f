import { Later } from "../../ui/later.tsx";
import { useNumbers } from "../../ui/numbers.ts";

const width = 72;
const height = 20;
/** The list's numbers are three days apart. */
const daysBetween = 3;

interface Trend {
  readonly trend: readonly number[];
}

/**
 * A group's size over the last thirty days, as a line that fits into a row; nothing before there are two numbers. Its place
 * is kept, and it is drawn after the rows: a page of groups has two hundred.
 */
export function Spark({ trend }: Trend) {
  return (
    <div style={{ width, height }}>
      <Later>
        <Line trend={trend} />
      </Later>
    </div>
  );
}

function Line({ trend }: Trend) {
  const { count } = useNumbers();
  const [first] = trend;
  const last = trend.at(-1);
  if (first === undefined || last === undefined || trend.length < 2) return null;
  const least = Math.min(...trend);
  const span = Math.max(...trend) - least;
  const points = trend.map((size, at) => {
    const share = span === 0 ? 0.5 : (size - least) / span;
    const x = 2 + (at / (trend.length - 1)) * (width - 4);
    return `${x.toFixed(1)},${(height - 3 - share * (height - 6)).toFixed(1)}`;
  });
  const days = (trend.length - 1) * daysBetween;
  const label =
    span === 0 ? `${count(last)} for ${days} days` : `from ${count(first)} to ${count(last)} in ${days} days`;
  return (
    <svg role="img" aria-label={label} width={width} height={height} style={{ display: "block" }}>
      <title>{label}</title>
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="var(--mantine-primary-color-filled)"
        strokeWidth={1.5}
        strokeLinejoin="round"
        strokeLinecap="round"
      />
    </svg>
  );
}
