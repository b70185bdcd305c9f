import { describe, expect, test } from "vitest";
import type { UserId } from "../../accounts/user.ts";
import { beginsVersion, isWrittenAnew } from "./version.rules.ts";
import type { MailingContent, Sitting } from "./version.ts";

const ana = "018f0000-0000-7000-8000-000000000001" as UserId;
const another = "018f0000-0000-7000-8000-000000000002" as UserId;
const beganAt = Temporal.Instant.from("2030-03-04T14:00:00Z");
const sitting: Sitting = { number: 3, beganAt, savedBy: "Ana", savedByUser: ana, keptAs: "edited" };
const content: MailingContent = {
  fromName: "Association",
  fromAddress: "news@example.org",
  replyTo: "",
  subject: "News",
  preheader: "",
  bodyKind: "html",
  body: "x".repeat(100),
  textPart: null,
};
const save = (later: Temporal.DurationLike, by = "Ana", byUser: UserId | null = ana) => ({
  at: beganAt.add(later),
  by,
  byUser,
});
const begins = (change: Partial<MailingContent>, by = save({ seconds: 2 }), of: Partial<Sitting> = {}) =>
  beginsVersion({ ...sitting, ...of }, content, { ...content, ...change }, by);

describe("4.1 versions: one for each author and sitting", () => {
  test("4.1 a save within ten minutes of the beginning belongs to it, one after them doesn't", () => {
    expect(begins({ subject: "New" }, save({ minutes: 9, seconds: 59 }))).toBe(false);
    expect(begins({ subject: "New" }, save({ minutes: 10 }))).toBe(true);
  });

  test("4.1 another author begins another, also one of the same name", () => {
    expect(begins({ subject: "New" }, save({ seconds: 2 }, "Ben", another))).toBe(true);
    expect(begins({ subject: "New" }, save({ seconds: 2 }, "Ana", another))).toBe(true);
    expect(begins({ subject: "New" }, save({ seconds: 2 }, "API key x", null), { savedBy: "API key x" })).toBe(true);
    expect(
      begins({ subject: "New" }, save({ seconds: 2 }, "API key x", null), { savedBy: "API key x", savedByUser: null }),
    ).toBe(false);
  });

  test("4.1 what was published or brought back stays as it was", () => {
    expect(begins({ subject: "New" }, save({ seconds: 2 }), { keptAs: "published" })).toBe(true);
    expect(begins({ subject: "New" }, save({ seconds: 2 }), { keptAs: "restored" })).toBe(true);
  });

  test("4.1 a save that loses half of the body begins one, as does one that makes code of it", () => {
    expect(begins({ body: "x".repeat(51) })).toBe(false);
    expect(begins({ body: "x".repeat(50) })).toBe(true);
    expect(begins({ bodyKind: "mjml" })).toBe(true);
  });

  test("4.1 every field of what is written counts, and nothing else", () => {
    expect(isWrittenAnew(content, { ...content })).toBe(false);
    const other: MailingContent = {
      fromName: "a",
      fromAddress: "a",
      replyTo: "a",
      subject: "a",
      preheader: "a",
      bodyKind: "mjml",
      body: "a",
      textPart: "",
    };
    for (const [name, value] of Object.entries(other))
      expect(isWrittenAnew(content, { ...content, [name]: value }), name).toBe(true);
  });
});
