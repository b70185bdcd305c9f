import { Alert, Anchor, Button, Group, Skeleton, Stack, Text } from "@mantine/core";
import { IconAlertTriangle, IconRefresh } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { toProblem } from "../api/client.ts";
import { Page } from "./page.tsx";

/** Lines where content will be, of about its height, so that nothing jumps. */
export function Loading({ lines = 6 }: { readonly lines?: number }) {
  return (
    <Stack gap="sm" role="status" aria-label="Loading">
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: nothing but lines, which never change places
        <Skeleton key={line} h={22} w={`${92 - ((line * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

interface ProblemProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly retryLabel?: string;
}

/** What happened, what it means and what to do; with a way to ask again. */
export function ProblemAlert({ error, onRetry, retryLabel = "Try again" }: ProblemProps) {
  const problem = toProblem(error);
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={problem.title} role="alert">
      <Text size="sm">{problem.message}</Text>
      {problem.wayOut && (
        <Text size="sm" mt={4}>
          {problem.wayOut}
        </Text>
      )}
      {onRetry && problem.status !== 403 && (
        <Button
          mt="sm"
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          onClick={onRetry}
        >
          {retryLabel}
        </Button>
      )}
    </Alert>
  );
}

/** Nothing here: why, and what to do next. */
export function Empty(props: { readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }) {
  return (
    <Stack align="center" gap={6} py="xl" px="md" ta="center">
      <Text fz="lg" fw={620}>
        {props.title}
      </Text>
      {props.children && (
        <Text c="dimmed" size="sm" maw="32rem" component="div">
          {props.children}
        </Text>
      )}
      {props.action && (
        <Group mt="sm" justify="center">
          {props.action}
        </Group>
      )}
    </Stack>
  );
}

interface LoadedProps<Data> {
  readonly query: Pick<UseQueryResult<Data, unknown>, "data" | "error" | "refetch">;
  readonly lines?: number;
  /** Of a page that is called after what is loaded: what it is called until then. */
  readonly title?: string;
  readonly children: (data: Data) => ReactNode;
}

/** Loading, error or content of one query. What was shown stays while it is asked again, also when that fails. */
export function Loaded<Data>({ query, lines, title, children }: LoadedProps<Data>) {
  const retry = () => void query.refetch();
  if (query.data !== undefined) {
    return (
      <>
        {query.error != null && <ProblemAlert error={query.error} onRetry={retry} />}
        {children(query.data)}
      </>
    );
  }
  if (query.error != null && toProblem(query.error).status === 404) return <NothingHere />;
  const waiting =
    query.error == null ? (
      <Loading {...(lines !== undefined && { lines })} />
    ) : (
      <ProblemAlert error={query.error} onRetry={retry} />
    );
  return title === undefined ? waiting : <Page title={title}>{waiting}</Page>;
}

/** A page for whose purpose one's role is not enough: no form that could not be sent. */
export function ForOthers() {
  return (
    <Page
      title="Your role may not use this page"
      about="Ask an administrator of your account: they can do it for you, or give you another role."
    >
      <Anchor component={Link} to="/">
        Go to Home
      </Anchor>
    </Page>
  );
}

/** An address that leads nowhere: a page's, or a thing's that isn't there, for which asking again is no help. */
export function NothingHere() {
  return (
    <Page
      title="There is nothing at this address"
      about="It may have been deleted, or the address may have been cut off on its way to you."
    >
      <Anchor component={Link} to="/">
        Go to Home
      </Anchor>
    </Page>
  );
}
