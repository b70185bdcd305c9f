import { Button, Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useReask } from "../../api/reask.ts";
import { Section } from "../../ui/section.tsx";
import { tell, tellProblem } from "../../ui/toasts.tsx";
import { When } from "../../ui/when.tsx";
import { FindingRow, type SendingDomain } from "./finding-row.tsx";

interface OneDomainProps {
  readonly domain: SendingDomain;
  readonly mayChange: boolean;
}

/** One domain: what receivers find, each with the record that makes it right, and its keys. */
export function OneDomain({ domain, mayChange }: OneDomainProps) {
  return (
    <Section
      title={domain.name}
      about={
        <>
          DNS was asked <When at={domain.checkedAt} />. Name servers may take an hour to know a new record.
        </>
      }
      actions={mayChange && <Actions domain={domain} />}
    >
      <Stack gap={0}>
        {domain.findings.map((finding) => (
          <FindingRow key={finding.kind} finding={finding} />
        ))}
      </Stack>
      {mayChange && <Keys domain={domain} />}
    </Section>
  );
}

function Actions({ domain }: { readonly domain: SendingDomain }) {
  const onSettled = useReask("/sending-domains");
  const check = api.useMutation("post", "/api/v1/sending-domains/{id}/check", { onError: tellProblem, onSettled });
  const remove = api.useMutation("delete", "/api/v1/sending-domains/{id}", { onError: tellProblem, onSettled });
  const [isAsking, setIsAsking] = useState(false);
  const params = { path: { id: domain.id } };
  if (isAsking) {
    return (
      <>
        <Button
          size="xs"
          color="red.9"
          loading={remove.isPending}
          onClick={() => remove.mutate({ params }, { onSuccess: () => tell({ title: `${domain.name} is removed` }) })}
        >
          Remove it and its keys
        </Button>
        <Button size="xs" variant="default" onClick={() => setIsAsking(false)}>
          Keep
        </Button>
      </>
    );
  }
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRefresh size={14} aria-hidden />}
        loading={check.isPending}
        aria-label={`Look again at ${domain.name}`}
        onClick={() => check.mutate({ params })}
      >
        Look again
      </Button>
      <Button size="xs" variant="default" aria-label={`Remove ${domain.name}`} onClick={() => setIsAsking(true)}>
        Remove
      </Button>
    </>
  );
}

/** A key is replaced in two steps, so that mails on their way stay provable. */
function Keys({ domain }: { readonly domain: SendingDomain }) {
  const onSettled = useReask("/sending-domains");
  const options = { onError: tellProblem, onSettled };
  const prepare = api.useMutation("post", "/api/v1/sending-domains/{id}/prepare-key", options);
  const discard = api.useMutation("post", "/api/v1/sending-domains/{id}/discard-key", options);
  const replace = api.useMutation("post", "/api/v1/sending-domains/{id}/replace-key", options);
  const params = { path: { id: domain.id } };
  const { key, nextKey } = domain;
  return (
    <Group justify="space-between" mt="md" gap="sm">
      <Text size="sm" c="dimmed" flex="1 1 18rem">
        {nextKey
          ? `Mails are signed by key ${key.selector} until you use the new one, ${nextKey.selector}. Leave the old record in DNS for a week after that.`
          : `Mails are signed by key ${key.selector}. Replace it once a year, or when somebody may know it.`}
      </Text>
      <Group gap="xs">
        {nextKey ? (
          <>
            <Button
              size="xs"
              loading={replace.isPending}
              onClick={() =>
                replace.mutate(
                  { params },
                  { onSuccess: () => tell({ title: `Mails from ${domain.name} are signed by the new key` }) },
                )
              }
            >
              Use the new key
            </Button>
            <Button size="xs" variant="default" loading={discard.isPending} onClick={() => discard.mutate({ params })}>
              Discard it
            </Button>
          </>
        ) : (
          <Button size="xs" variant="default" loading={prepare.isPending} onClick={() => prepare.mutate({ params })}>
            Replace the key
          </Button>
        )}
      </Group>
    </Group>
  );
}
