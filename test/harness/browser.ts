import { existsSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import { must } from "../../src/platform/errors.ts";
import { openWeb, type Person, type Web } from "./web.ts";
import type { World } from "./world.ts";

/** Where pictures of failed tests go, if anywhere. */
const pictures = process.env.LOCKSTEP_TEST_PICTURES;
const executablePath = process.env.LOCKSTEP_TEST_CHROMIUM ?? "/usr/bin/chromium";

/** Whether this machine has a Chromium to open pages in. In CI there must be one. */
export const hasBrowser = process.env.CI !== undefined || existsSync(executablePath);

/** Quiet, and nothing that calls home. */
const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
];

let browser: Promise<Browser> | undefined;
afterAll(async () => {
  await (await browser)?.close();
  browser = undefined;
});

export interface Pages {
  readonly web: Web;
  /** A window without a session. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A window of somebody who has signed in. */
  openAs(person: Person, options?: BrowserContextOptions): Promise<Page>;
}

/**
 * A window on a site, whose clock stands still. A page that writes an error to its console, or throws one, fails the
 * test; so does anything that its security policy blocks.
 */
export async function openWindow(
  url: string,
  at: Temporal.Instant,
  options: BrowserContextOptions = {},
  cookies: ReadonlyMap<string, string> = new Map(),
): Promise<Page> {
  browser ??= chromium.launch({ executablePath, args });
  const context = await (await browser).newContext({
    baseURL: url,
    viewport: { width: 1440, height: 900 },
    reducedMotion: "reduce",
    ...options,
  });
  // On a slow machine "just now" would become a minute ago.
  await context.clock.setFixedTime(new Date(at.epochMilliseconds));
  await context.addCookies([...cookies].map(([name, value]) => ({ name, value, url })));
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const mistakes = watchForMistakes(page);
  onTestFinished(async ({ task }) => {
    if (task.result?.state === "fail" && pictures) await page.screenshot({ path: join(pictures, `${task.id}.png`) });
    await context.close();
    expect(mistakes).toEqual([]);
  });
  return page;
}

/** The world's pages in a real browser, whose clock is the world's. */
export async function openPages(world: World): Promise<Pages> {
  const web = await openWeb(world);
  const open = (options?: BrowserContextOptions, cookies?: ReadonlyMap<string, string>) =>
    openWindow(web.url, world.clock.now(), options, cookies);
  return {
    web,
    open: (options) => open(options),
    openAs: async (person, options) => open(options, (await web.signIn(person)).cookies),
  };
}

/** Answers that say what is wrong are the test's own business; everything else in the console is a mistake. */
function watchForMistakes(page: Page): readonly string[] {
  const mistakes: string[] = [];
  page.on("pageerror", (error) => mistakes.push(error.message));
  page.on("console", (message) => {
    if (message.type() !== "error" || message.text().startsWith("Failed to load resource")) return;
    // The test's own clock knocks at sandboxed frames, too; nothing runs there, as it should.
    if (message.text().startsWith("Blocked script execution in")) return;
    mistakes.push(message.text());
  });
  return mistakes;
}

/**
 * Judges the page as it stands by WCAG 2.2 AA.
 * @param isMenuOpen a menu hangs at the page's end, outside its landmarks: whoever is in it came from its button
 */
export async function expectAccessible(page: Page, { isMenuOpen = false } = {}): Promise<void> {
  // Judged once it is there: what a page still loads is behind its heading.
  await page.locator("h1").first().waitFor({ state: "attached" });
  const { violations } = await new AxeBuilder({ page })
    // What is in order needs no account of every place: that would be most of the work.
    .options({ resultTypes: ["violations"] })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .disableRules(isMenuOpen ? ["region"] : [])
    // A mail in a sandbox is somebody's content; the judge would wait there for a script that never runs.
    .exclude("iframe[sandbox]")
    // The other way, a second page puts the frames' verdicts together: a page without frames needs none.
    .setLegacyMode(page.frames().length === 1)
    .analyze();
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${must(nodes[0], "a violation has a place").html}`,
  );
  expect(found).toEqual([]);
}
