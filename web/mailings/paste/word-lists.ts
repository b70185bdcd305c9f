/** Word copies the items of a list as paragraphs that say of which list and level they are. */
const itemSign = /mso-list:\s*l(\d+)\s+level(\d+)/i;

/** The lists that Word writes as paragraphs, as lists in each other. */
export function makeLists(page: Document): void {
  /** The lists that are open, the outermost first; empty between two. */
  let open: Element[] = [];
  let last: Element | null = null;
  for (const paragraph of [...page.body.querySelectorAll<HTMLElement>("p, h1, h2, h3, h4, h5, h6")]) {
    const sign = itemSign.exec(paragraph.getAttribute("style") ?? "");
    if (!sign) continue;
    // What stands between two items parts their lists; comments and white space do not.
    if (last?.nextElementSibling !== paragraph) open = [];
    const level = Math.min(Number(sign[2]), open.length + 1);
    const isNumbered = /^[\s\u00a0]*\(?[0-9a-z]{1,4}[.)]/i.test(takeMarker(paragraph));
    open = open.slice(0, level);
    const name = isNumbered ? "OL" : "UL";
    const present = open[level - 1];
    const list = present?.tagName === name ? present : page.createElement(name);
    if (list !== present) {
      open = [...open.slice(0, level - 1), list];
      const parent = open[level - 2]?.lastElementChild;
      if (parent) parent.append(list);
      else paragraph.before(list);
    }
    const item = page.createElement("li");
    item.append(...paragraph.childNodes);
    list.append(item);
    paragraph.remove();
    last = open[0] ?? null;
  }
}

/** The bullet or the number that stands in the text itself, taken out of it. */
function takeMarker(paragraph: HTMLElement): string {
  const marker = [...paragraph.querySelectorAll<HTMLElement>("span")].find((span) =>
    /mso-list:\s*ignore/i.test(span.getAttribute("style") ?? ""),
  );
  const text = marker?.textContent ?? "";
  marker?.remove();
  return text;
}
