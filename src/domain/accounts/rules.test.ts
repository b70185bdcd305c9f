import { expect, test } from "vitest";
import { passwordMistake } from "./password.rules.ts";
import { may, permissionsOf, roles } from "./permissions.rules.ts";
import { isSessionAlive } from "./session.rules.ts";
import { secondsToWait } from "./throttle.rules.ts";

const at = (text: string) => Temporal.Instant.from(`2030-03-04T${text}Z`);

test("6.4 throttle: five tries are free, then 1, 2, 4 … seconds, at most 15 minutes, forgotten after a day", () => {
  const now = at("09:00:00");
  const waits = [0, 4, 5, 6, 7, 14, 15, 40].map((failures) => secondsToWait({ failures, lastAt: now }, now));
  expect(waits).toEqual([0, 0, 1, 2, 4, 512, 900, 900]);
  expect(secondsToWait(undefined, now)).toBe(0);
  expect(secondsToWait({ failures: 6, lastAt: now }, now.add({ milliseconds: 1999 }))).toBe(1);
  expect(secondsToWait({ failures: 6, lastAt: now }, now.add({ seconds: 2 }))).toBe(0);
  expect(secondsToWait({ failures: 99, lastAt: now }, now.add({ hours: 24 }))).toBe(0);
});

test("6.4 throttle: of 10,000 tries in a day, at most 200 are looked at", () => {
  let so = { failures: 0, lastAt: at("00:00:00") };
  let looked = 0;
  for (let count = 0; count < 10_000; count += 1) {
    const now = at("00:00:00").add({ milliseconds: count * 8640 });
    if (secondsToWait(so, now) > 0) continue;
    looked += 1;
    so = { failures: so.failures + 1, lastAt: now };
  }
  expect(looked).toBeLessThanOrEqual(200);
});

test("6.4 session: its bounds, to the second", () => {
  const createdAt = at("00:00:00");
  const alive = (state: "signed_in" | "second_factor", usedAfter: number, nowAfter: number) =>
    isSessionAlive(
      { state, createdAt, usedAt: createdAt.add({ seconds: usedAfter }) },
      createdAt.add({ seconds: nowAfter }),
    );
  const [idle, most, step] = [12 * 3600, 7 * 24 * 3600, 600];
  expect([alive("signed_in", 0, idle - 1), alive("signed_in", 0, idle)]).toEqual([true, false]);
  expect([alive("signed_in", most - 2, most - 1), alive("signed_in", most - 1, most)]).toEqual([true, false]);
  expect([alive("second_factor", 0, step - 1), alive("second_factor", step - 1, step)]).toEqual([true, false]);
});

test("6.4 password: 12 to 128 characters of any kind that are not easy to guess", async () => {
  const mistake = (password: string) => passwordMistake(password, ["Ana Lima", "ana.lima@example.org"]);
  expect(await mistake("x9Q!k2#pT7$")).toMatch(/11 characters/);
  expect(await mistake("x9Q!k2#pT7$w")).toBeNull();
  expect(await mistake("🦊🐻🦁🐯🐼🐨🐸🐵🐔🐧🐦🐤")).toBeNull();
  expect(await mistake(`x9Q!k2#pT7$w${"ab3-".repeat(29)}`)).toBeNull();
  expect(await mistake(`x9Q!k2#pT7$wz${"ab3-".repeat(29)}`)).toMatch(/129 characters/);
  for (const easy of ["password1234", "aaaaaaaaaaaa", "qwertyuiop[]", "123456789012", "AnaLimaAnaLima"]) {
    expect(await mistake(easy), easy).toMatch(/easy to guess/);
  }
});

test("6.4 permissions: staff have none of an account's outside it, and no role has staff's", () => {
  expect(permissionsOf({ role: null, isStaff: true })).toEqual(["accounts:manage", "accounts:enter"]);
  expect(permissionsOf({ role: null, isStaff: false })).toEqual([]);
  for (const role of roles) expect(may({ role, isStaff: false }, "accounts:enter")).toBe(false);
  const counts = roles.map((role) => permissionsOf({ role, isStaff: false }).length);
  expect(counts).toEqual([...counts].sort((a, b) => b - a));
});
