import { Anchor, Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

interface PageProps {
  readonly title: string;
  /** One sentence under the title. */
  readonly about?: ReactNode;
  /** The way back up, the nearest last. */
  readonly trail?: readonly { readonly label: string; readonly to: string }[];
  /** Buttons of the whole page, at the right of the title. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** Focusing needs the layout: before the browser made it for the first picture, it would be made twice. */
function afterPaint(run: () => void): () => void {
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(run);
  });
  return () => cancelAnimationFrame(frame);
}

/** A page's frame: its title names the browser's tab, and takes the focus when one comes here. */
export function Page({ title, about, trail, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · Lockstep`;
  }, [title]);
  useEffect(
    () =>
      afterPaint(() => {
        // Not over what the page itself put in focus, such as the first field of a form.
        if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus();
      }),
    [],
  );
  return (
    <Stack gap="lg">
      <div>
        {trail && (
          <Breadcrumbs component="nav" aria-label="Where you are" mb={6} separatorMargin={6}>
            {trail.map(({ label, to }) => (
              // What stands above a page is not the page: only the very same address would be.
              <Anchor key={to} component={Link} to={to} activeOptions={{ exact: true }} fz="sm" c="dimmed">
                <bdi>{label}</bdi>
              </Anchor>
            ))}
          </Breadcrumbs>
        )}
        <Group justify="space-between" align="start" gap="sm">
          <Title order={1} ref={heading} tabIndex={-1} style={{ minWidth: 0 }}>
            <bdi>{title}</bdi>
          </Title>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
        {about && (
          <Text c="dimmed" mt={4} maw="48rem" component="div">
            {about}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
