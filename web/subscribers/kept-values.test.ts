import { expect, test } from "vitest";
import { valuesOf } from "./kept-values.ts";

const zoe = {
  chp_name: "East",
  mbt_code: "Corporate",
  org_name: "Acme Research",
  ind_last_name: "Öberg",
  ind_first_name: "Zoë",
  adr_city: "",
};

test("a person's own name stands first, behind what the search has found", () => {
  expect(valuesOf({ values: zoe }, "")).toBe("Zoë · Öberg · East");
  expect(valuesOf({ values: zoe }, "acm")).toBe("Acme Research · Zoë · Öberg");
  expect(valuesOf({ values: zoe }, "oberg")).toBe("Öberg · Zoë · East");
  expect(valuesOf({ values: { chp_name: "East" } }, "")).toBe("East");
});
