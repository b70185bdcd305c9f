import fc from "fast-check";
import { expect, test } from "vitest";
import { createSecretBox } from "../../platform/secrets.ts";
import { linksOf, type Purpose, readReturnPath, readToken, returnPathOf } from "./links.ts";
import type { InstanceId } from "./mailing.ts";

const here = { secrets: createSecretBox(Buffer.alloc(32, 1)), publicUrl: "https://mail.example.org" };
const elsewhere = { ...here, secrets: createSecretBox(Buffer.alloc(32, 2)) };
const instances = fc.uuid().map((id) => id as InstanceId);
const places = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const tokenOf = (url: string) =>
  url
    .split("/")
    .at(-1)
    ?.replace(/\.gif$/, "") ?? "";

test("4.5 a link says whose it is to who signed it, for its own purpose alone", () => {
  fc.assert(
    fc.property(instances, places, fc.integer({ min: 0, max: 65535 }), (instance, place, link) => {
      const links = linksOf(here, { instance, place });
      const click = tokenOf(links.click(link));
      expect(readToken(here, click, "click")).toEqual({ purpose: "click", instance, place, link });
      for (const other of ["unsubscribe", "preferences", "open", "bounce"] satisfies Purpose[])
        expect(readToken(here, click, other)).toBeNull();
      expect(readToken(elsewhere, click, "click")).toBeNull();
      expect(readToken(here, tokenOf(links.unsubscribe), "unsubscribe")).toMatchObject({ instance, place });
    }),
  );
});

test("4.5 a link with any letter altered is nobody's", () => {
  const links = linksOf(here, { instance: "0190b2f0-0000-7000-8000-000000000001" as InstanceId, place: 7 });
  const token = tokenOf(links.unsubscribe);
  for (let at = 0; at < token.length; at += 1) {
    for (const letter of "Aa0_-") {
      const altered = token.slice(0, at) + letter + token.slice(at + 1);
      if (altered !== token) expect(readToken(here, altered, "unsubscribe"), altered).toBeNull();
    }
  }
  for (const nonsense of ["", "x", `${token}A`, token.slice(1), "\0".repeat(52)])
    expect(readToken(here, nonsense, "unsubscribe")).toBeNull();
});

test("4.5 a return path fits an address, survives another case, and is read by who signed it alone", () => {
  fc.assert(
    fc.property(instances, places, (instance, place) => {
      const [local = "", domain] = returnPathOf(here, { instance, place }, "bounces.example.org").split("@");
      expect(domain).toBe("bounces.example.org");
      expect(local.length).toBeLessThanOrEqual(64);
      expect(readReturnPath(here, local)).toEqual({ instance, place });
      expect(readReturnPath(here, local.toUpperCase())).toEqual({ instance, place });
      expect(readReturnPath(elsewhere, local)).toBeNull();
      const other = local.at(20) === "a" ? "b" : "a";
      expect(readReturnPath(here, local.slice(0, 20) + other + local.slice(21))).toBeNull();
    }),
  );
});
