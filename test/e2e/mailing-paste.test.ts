import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { changeMailing } from "../../src/domain/mailings/content/change-mailing.ts";
import { createMailing } from "../../src/domain/mailings/content/create-mailing.ts";
import { findMailing } from "../../src/domain/mailings/content/get-mailing.ts";
import { expectAccessible, hasBrowser, openPages } from "../harness/browser.ts";
import { createWorld } from "../harness/world.ts";

/** As Word for Windows puts it on the clipboard: an item of a list is a paragraph that says so in its style. */
const item = (level: number, marker: string, text: string) =>
  `<p class=MsoListParagraphCxSpMiddle style='margin-left:${level}0pt;mso-add-space:auto;text-indent:-18.0pt;mso-list:l0 level${level} lfo1'><![if !supportLists]><span
style='font-family:Symbol;mso-bidi-font-family:Symbol'><span style='mso-list:Ignore'>${marker}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>${text}<o:p></o:p></p>\r\n`;
const word = `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word"><head>
<meta name=Generator content="Microsoft Word 15"><!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {mso-style-unhide:no; font-family:"Calibri",sans-serif;} --></style></head><body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<p class=MsoNormal style='mso-margin-top-alt:auto'><b style='mso-bidi-font-weight:normal'><span lang=EN-GB style='font-size:14.0pt;color:#C00000'>Dear {{ email }}</span></b><span lang=EN-GB>, you are
invited<o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
${item(1, "·", "Bring a friend")}${item(2, "o", "or two")}${item(1, "·", "Come <i>early</i>")}${item(1, "1.", "First")}
<p class=MsoNormal>Read <a href="https://example.org/gala"><span style='color:blue'>more</span></a><a name="_Toc1"></a> <img width=10 src="file:///C:/Users/ann/image001.png"><o:p></o:p></p>
<!--EndFragment--></body></html>`;
const docs = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1f2e"><p dir="ltr" style="line-height:1.38;margin-top:0pt;"><span style="font-size:11pt;font-family:Arial;font-weight:400;">Plain, </span><span style="font-weight:700;">bold</span><span style="font-style:italic;font-weight:400;"> and slanted</span></p><ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc" aria-level="1"><p dir="ltr" role="presentation"><span>One</span></p></li><ul><li aria-level="2"><p><span>Inside</span></p></li></ul></ul><br /></b>`;

/** As the browser does it with what another program copied. */
const paste = (page: Page, html: string, plain: string) =>
  page.evaluate(`(() => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/html", ${JSON.stringify(html)});
    clipboardData.setData("text/plain", ${JSON.stringify(plain)});
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
  })()`);

/** What Word's paste comes to as a text of a block, and as HTML. */
const cleanWord = [
  "<p><strong>Dear {{ email }}</strong>, you are invited</p>",
  "<ul><li>Bring a friend<ul><li>or two</li></ul></li><li>Come <em>early</em></li></ul>",
  "<ol><li>First</li></ol>",
  '<p>Read <a href="https://example.org/gala">more</a></p>',
].join("");
const cleanDocs = [
  "<p>Plain, <strong>bold</strong><em> and slanted</em></p>",
  "<ul><li>One<ul><li>Inside</li></ul></li></ul>",
].join("");

describe.skipIf(!hasBrowser)("pasting into a mailing, in a browser", () => {
  test.each([
    ["Word", word, cleanWord],
    ["Google Docs", docs, cleanDocs],
  ])(
    "4.1 a text of %s comes into a block with its bold, its links and its lists, and nothing else",
    async (_, copied, clean) => {
      const world = await createWorld();
      const { own } = world;
      const { id } = await createMailing(own.ctx, { name: "Gala" });
      const pages = await openPages(world);
      const page = await pages.openAs(await pages.web.person("author"));
      await page.goto(`/mailings/${id}`);
      await page.getByRole("button", { name: "Add: Text" }).click();
      await page.getByRole("textbox", { name: "Text", exact: true }).and(page.locator(":focus")).waitFor();
      await paste(page, copied, "as plain text");
      const kept = async () => {
        const { blocks } = JSON.parse((await findMailing(own.ctx, id)).body);
        return blocks[0].html?.replaceAll("</p><p></p>", "</p>");
      };
      await expect.poll(kept).toBe(clean);
    },
  );

  test("4.1 into HTML a text of Word comes as clean HTML, code comes as it is, and what Word saved as a page is cleaned", async () => {
    const world = await createWorld();
    const { own } = world;
    const { id } = await createMailing(own.ctx, { name: "Gala" });
    await changeMailing(own.ctx, id, { bodyKind: "html", body: "" });
    const pages = await openPages(world);
    const page = await pages.openAs(await pages.web.person("author"));
    await page.goto(`/mailings/${id}`);
    const code = page.getByRole("textbox", { name: "HTML of the mailing" });
    const kept = async () => (await findMailing(own.ctx, id)).body.replaceAll("\n", "");
    const empty = async () => {
      await code.focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Delete");
    };
    await code.focus();
    await paste(page, word, "Dear you");
    await page.getByText("Pasted from Word, without its mark-up").waitFor();
    await expectAccessible(page);
    await expect.poll(kept).toBe(cleanWord);
    await empty();
    await paste(page, docs, "Plain, bold");
    await expect.poll(kept).toBe(cleanDocs);
    await empty();
    // A mail made by hand, with what Outlook needs, shown in colours by the program that it was copied from.
    const byHand = '<!--[if mso]><table><![endif]--><p style="mso-line-height-rule:exactly" class="MsoNormal">x</p>';
    await paste(page, `<span style="color:red">${byHand.replaceAll("<", "&lt;")}</span>`, byHand);
    await expect.poll(kept).toBe(byHand);
    await empty();
    await paste(page, "", word);
    await expect.poll(kept).toBe(cleanWord);
  });
});
