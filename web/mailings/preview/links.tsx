import { Table, Text } from "@mantine/core";
import { useMemo } from "react";

/** Where every link leads, in their order. The HTML is only read: nothing of it runs or loads. */
export function Links({ html }: { readonly html: string }) {
  const links = useMemo(() => linksIn(html), [html]);
  if (links.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        It has no links.
      </Text>
    );
  }
  return (
    <Table aria-label="Links" layout="fixed" verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="40%">Link</Table.Th>
          <Table.Th>Leads to</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {links.map(({ label, href }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two links may be alike
          <Table.Tr key={at}>
            <Table.Td>
              <Text size="sm" lineClamp={2}>
                <bdi>{label || "Without a text"}</bdi>
              </Text>
            </Table.Td>
            <Table.Td>
              <Text size="xs" lineClamp={2} {...(!href && { c: "var(--ls-bad)" })}>
                {href || "nowhere"}
              </Text>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function linksIn(html: string): readonly { readonly label: string; readonly href: string }[] {
  const page = new DOMParser().parseFromString(html, "text/html");
  return [...page.querySelectorAll("a[href]")].map((link) => ({
    label: link.textContent?.trim() || link.querySelector("img")?.alt || "",
    href: link.getAttribute("href") ?? "",
  }));
}
