import { expect, test } from "vitest";
import { contrast } from "./contrast.ts";

test("1.4.3 contrast is 21 for black on white, 1 for a colour on itself, whichever comes first", () => {
  expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
  expect(contrast("#ffffff", "#000000")).toBeCloseTo(21, 5);
  expect(contrast("#1c6c6a", "#1c6c6a")).toBe(1);
  expect(contrast("#767676", "#ffffff")).toBeGreaterThan(4.5);
  expect(contrast("#777777", "#ffffff")).toBeLessThan(4.5);
});
