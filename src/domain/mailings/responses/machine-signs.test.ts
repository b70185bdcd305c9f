import { expect, test } from "vitest";
import { type Click, clicksOfBursts, isBeforeReading, isMachineRequest } from "./machine-signs.rules.ts";

const at = (second: number) => Temporal.Instant.from("2030-03-04T09:00:00Z").add({ milliseconds: second * 1000 });
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
const signs = { method: "GET", userAgent: firefox, isPrefetch: false };

test("4.6 what says itself that it is a program is counted as one, a reader's browser and Gmail's proxy are not", () => {
  for (const userAgent of [
    firefox,
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
    "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17628; Pro)",
    "Mozilla/5.0 (Linux; Android 14; Cubot P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
  ])
    expect(isMachineRequest({ ...signs, userAgent }), userAgent).toBe(false);
  for (const userAgent of [
    "",
    "Mozilla/5.0",
    "curl/8.5.0",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (compatible; Barracuda Sentinel)",
    "python-requests/2.32",
    "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html",
  ])
    expect(isMachineRequest({ ...signs, userAgent }), userAgent).toBe(true);
  expect(isMachineRequest({ ...signs, method: "HEAD" })).toBe(true);
  expect(isMachineRequest({ ...signs, isPrefetch: true })).toBe(true);
});

test("4.6 what comes before the mail was taken, or within exactly a second of it, is a scanner's", () => {
  const sent = { state: "sent", sentAt: at(10) } as const;
  for (const second of [9, 10, 11]) expect(isBeforeReading(at(second), sent), `${second} s`).toBe(true);
  expect(isBeforeReading(at(11.001), sent)).toBe(false);
  expect(isBeforeReading(at(11), { state: "handing_over", sentAt: null })).toBe(true);
  expect(isBeforeReading(at(11), { state: "unsure", sentAt: null }), "that is how it is found out").toBe(false);
});

test("4.6 three different links within exactly two seconds are a scanner's, all of them; two, or one thrice, are not", () => {
  const click = (link: number, second: number): Click => ({ link, at: at(second) });
  const burst = [click(0, 0), click(1, 1), click(2, 2)];
  expect([...clicksOfBursts([...burst, click(3, 60)])]).toEqual(burst);
  expect(clicksOfBursts([click(0, 0), click(1, 1), click(2, 2.001)]).size).toBe(0);
  expect(clicksOfBursts([click(0, 0), click(1, 0.1)]).size).toBe(0);
  expect(clicksOfBursts([click(0, 0), click(0, 0.1), click(0, 0.2), click(0, 0.3)]).size).toBe(0);
});
