import { Button, Group, Stack, TextInput } from "@mantine/core";
import { api, client } from "../../api/client.ts";
import { useMe } from "../../api/me.ts";
import { useReask } from "../../api/reask.ts";
import { useApiForm } from "../../ui/form.ts";
import { Page } from "../../ui/page.tsx";
import { Section } from "../../ui/section.tsx";
import { Empty, Loaded, ProblemAlert } from "../../ui/states.tsx";
import { OneDomain } from "./one-domain.tsx";

/** Admin › Sending domains: what receivers find in DNS about the domains that mails come from, and what to paste. */
export function DomainsPage() {
  const { permissions } = useMe();
  const mayChange = permissions.includes("sending-domains:change");
  const domains = api.useQuery("get", "/api/v1/sending-domains");
  return (
    <Page
      title="Sending domains"
      about="Receivers believe that a mail is yours when your domain's DNS says so. Add the domain of your sender's address, then put the records below into its DNS."
    >
      {mayChange && (
        <Section title="Add a domain">
          <NewDomain />
        </Section>
      )}
      <Loaded query={domains} lines={8}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No sending domain yet">
              Until there is one, mails go out unsigned, and many receivers call them spam.
            </Empty>
          ) : (
            <Stack gap="lg">
              {items.map((domain) => (
                <OneDomain key={domain.id} domain={domain} mayChange={mayChange} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}

function NewDomain() {
  const reask = useReask("/sending-domains");
  const { form, problem, isSending, send } = useApiForm({ initialValues: { name: "" } });
  const submit = form.onSubmit(async (values) => {
    const add = async (body: typeof values) => {
      await client.POST("/api/v1/sending-domains", { body });
    };
    if (!(await send(add, values))) return;
    form.reset();
    await reask();
  });
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        {problem && <ProblemAlert error={problem} />}
        <Group align="end">
          <TextInput
            label="Domain"
            description="What stands behind the @ of your sender's address"
            placeholder="example.org"
            required
            flex="1 1 16rem"
            maw={420}
            {...form.getInputProps("name")}
          />
          <Button type="submit" loading={isSending}>
            Add the domain
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
