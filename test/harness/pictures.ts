import type { Page } from "playwright-core";

/** How a page is shown in the docs: light, dark and on a phone. */
export const looks = [
  { name: "", options: { viewport: { width: 1280, height: 860 } } },
  { name: "-dark", options: { viewport: { width: 1280, height: 860 }, colorScheme: "dark" as const } },
  { name: "-phone", options: { viewport: { width: 390, height: 844 } } },
];

/** @param heading the part of the page that is shown; its beginning where none is named */
export async function take(page: Page, path: string, file: string, heading?: string): Promise<void> {
  await page.goto(path);
  await page.locator("main h1").waitFor();
  await page.waitForLoadState("networkidle").catch(() => {});
  if (heading) {
    const part = page.getByRole("heading", { name: heading });
    await part.evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView());
  }
  await page.screenshot({ path: file });
}
