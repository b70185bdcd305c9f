import { type BrowserContext, chromium, type Page } from "playwright-core";
import { type LockstepProcess, percentile } from "./processes.ts";

/** A slow office machine, by Chromium's own measure. */
const slowDown = 4;

export interface Opened {
  /** Milliseconds from the request to a page that shows its data and has answered a key. */
  readonly first: number;
  readonly again: number;
}

/**
 * Opens a page in Chromium, its processor slowed down, as somebody who has signed in: first with nothing cached, then
 * as anybody who comes back.
 * @param sight a selector of what people come for
 */
export async function openSlowly(
  app: LockstepProcess,
  session: string,
  path: string,
  sight: string,
  rounds: number,
): Promise<Opened> {
  const browser = await chromium.launch({
    executablePath: process.env.LOCKSTEP_TEST_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const times: { first: number; again: number }[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const [name = "", value = ""] = session.split("=");
      await context.addCookies([{ name, value, url: app.url }]);
      const page = await context.newPage();
      const chrome = await context.newCDPSession(page);
      await chrome.send("Emulation.setCPUThrottlingRate", { rate: slowDown });
      const visit = await listen(context, sight);
      const open = () => visit(page, app.url + path);
      times.push({ first: await open(), again: await open() });
      await context.close();
    }
  } finally {
    await browser.close();
  }
  return {
    first: percentile(
      times.map(({ first }) => first),
      0.5,
    ),
    again: percentile(
      times.map(({ again }) => again),
      0.5,
    ),
  };
}

/**
 * Has each page tell of itself what people came for and that it answered a key. Asked from outside, again and again, a
 * page on a slow machine would spend a twentieth of its time on the asking.
 */
async function listen(context: BrowserContext, sight: string): Promise<(page: Page, url: string) => Promise<number>> {
  let hear: (what: string) => void = () => {};
  await context.exposeBinding("bench", (_, what: string) => hear(what));
  await context.addInitScript(`{
    addEventListener("keyup", () => bench("answered")); // comes once the key has done what it does
    new MutationObserver((_, watch) => {
      if (!document.querySelector(${JSON.stringify(sight)})) return;
      watch.disconnect();
      requestAnimationFrame(() => bench("seen"));
    }).observe(document, { childList: true, subtree: true });
  }`);
  const told = (what: string) =>
    new Promise<void>((resolve) => {
      hear = (heard) => heard === what && resolve();
    });
  return async (page, url) => {
    const began = performance.now();
    const seen = told("seen");
    await page.goto(url, { waitUntil: "commit" });
    await seen;
    const answered = told("answered");
    await page.keyboard.press("Tab");
    await answered;
    return performance.now() - began;
  };
}
