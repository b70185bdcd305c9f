import { Text, VisuallyHidden } from "@mantine/core";
import { useNumbers } from "../../ui/numbers.ts";
import { letterOf, type Measured } from "./composition.ts";
import classes from "./overlap.module.css";

/**
 * How the groups overlap: a row for each set of people who are in exactly the same of them, as a bar on one scale.
 * Full bars are members, hatched ones are left out. With many groups rings would lie; rows don't.
 */
export function Overlap({ measured }: { readonly measured: Measured }) {
  const { count } = useNumbers();
  const { regions, regionCount, parts, include } = measured;
  const largest = Math.max(...regions.map(({ people }) => people), 1);
  if (regions.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody is in any of these groups.
      </Text>
    );
  }
  return (
    <>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">In groups</th>
            <th scope="col" className={classes.track} style={{ width: "45%" }}>
              <VisuallyHidden>Share of the largest</VisuallyHidden>
            </th>
            <th scope="col" style={{ textAlign: "end" }}>
              People
            </th>
            <th scope="col">Member</th>
          </tr>
        </thead>
        <tbody>
          {regions.map((region) => (
            <tr key={region.parts.join(" ")}>
              <td>
                <Dots isIn={region.parts} names={parts.map(({ name }) => name)} firstExcluded={include.of.length} />
              </td>
              <td className={classes.track} aria-hidden>
                <span
                  className={classes.bar}
                  data-out={!region.isMember || undefined}
                  style={{ width: `${(region.people / largest) * 100}%` }}
                />
              </td>
              <td className="number" style={{ textAlign: "end" }}>
                {count(region.people)}
              </td>
              <td>{region.isMember ? "yes" : "no"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {regionCount > regions.length && (
        <Text size="sm" c="dimmed" mt="xs">
          and {count(regionCount - regions.length)} smaller overlaps
        </Text>
      )}
    </>
  );
}

interface DotsProps {
  readonly isIn: readonly number[];
  readonly names: readonly string[];
  readonly firstExcluded: number;
}

/** With up to eight groups a place for each, so that rows can be compared; with more only those that apply. */
function Dots({ isIn, names, firstExcluded }: DotsProps) {
  const places = names.length <= 8 ? names.map((_, place) => place) : isIn;
  return (
    <span className={classes.dots}>
      <VisuallyHidden>{isIn.map((place) => names[place]).join(", ")}</VisuallyHidden>
      {places.map((place) => (
        <span
          key={place}
          aria-hidden
          className={classes.dot}
          title={names[place]}
          data-in={isIn.includes(place) || undefined}
          data-exclude={place >= firstExcluded || undefined}
        >
          {letterOf(place)}
        </span>
      ))}
    </span>
  );
}
