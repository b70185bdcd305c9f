import { Box, Card, Center, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";

interface OutsideProps {
  readonly title: string;
  readonly about?: ReactNode;
  readonly children: ReactNode;
  readonly wide?: boolean;
}

/** The frame of the pages before the sign-in. */
export function Outside({ title, about, children, wide = false }: OutsideProps) {
  useEffect(() => {
    document.title = `${title} · Lockstep`;
  }, [title]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Box w="100%" maw={wide ? 560 : 420}>
        <Group gap="sm" mb="lg" justify="center">
          <img src="/favicon.svg" alt="" width={36} height={36} />
          <Text fw={680} size="xl" component="span">
            Lockstep
          </Text>
        </Group>
        <Card padding="xl" bg="var(--ls-surface)">
          <Stack gap="md">
            <div>
              <Title order={1}>{title}</Title>
              {about && (
                <Text c="dimmed" size="sm" mt={4} component="div">
                  {about}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Card>
      </Box>
    </Center>
  );
}
