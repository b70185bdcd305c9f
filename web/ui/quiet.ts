/** Waits until the browser has nothing else to do, or for a second: for code of what may come after the page itself. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => {
    // Older Safaris have no word for it.
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: 1000 });
    else setTimeout(resolve, 200);
  });
}
