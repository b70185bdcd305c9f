import { chromium } from "playwright-core";
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
      const visit = async () => {
        const began = performance.now();
        await page.goto(app.url + path, { waitUntil: "commit" });
        await page.locator(sight).first().waitFor();
        // Its own answer to a key: the page is there and listens.
        await page.keyboard.press("Tab");
        await page.locator(":focus").waitFor();
        return performance.now() - began;
      };
      times.push({ first: await visit(), again: await visit() });
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
