import type { Tx } from "../../../platform/database/database.ts";
import type { AccountContext } from "../../context.ts";
import type { Check } from "../mailing.ts";
import { signingNamesFor } from "./domain-name.rules.ts";
import type { FindingKind } from "./sending-domain.ts";
import { selectDomainOf } from "./store.ts";

const titles: Readonly<Record<FindingKind, string>> = {
  dkim: "DKIM",
  next_dkim: "the next DKIM key",
  spf: "SPF",
  dmarc: "DMARC",
  mx: "MX",
  return_path: "the return path",
};

/**
 * Whether mails from this address will be proven to be the sender's, as far as DNS said at the last look. It warns and
 * never blocks: the association may be about to publish the records. (product 4.5)
 */
export async function checkSender(tx: Tx, ctx: AccountContext, fromAddress: string): Promise<Check> {
  const warning = (code: string, message: string): Check => ({
    code,
    severity: "warning",
    message,
    wayOut: "See Admin › Sending domains.",
  });
  const [name] = signingNamesFor(fromAddress);
  const domain = await selectDomainOf(tx, ctx.accountId, signingNamesFor(fromAddress));
  if (!domain)
    return warning(
      "no_sending_domain",
      name === undefined
        ? "The sender's address has no domain that could sign the mails."
        : `Mails from ${name} go out unsigned, so many receivers will call them spam.`,
    );
  const open = domain.findings.filter(
    ({ kind, status }) => kind !== "next_dkim" && ["missing", "wrong"].includes(status),
  );
  if (domain.checkedAt === null)
    return warning(
      "sender_not_checked",
      `Nobody has looked yet whether receivers can prove mails from ${domain.name}.`,
    );
  if (open.length > 0)
    return warning(
      "sender_records",
      `${open.map(({ kind }) => titles[kind]).join(", ")} of ${domain.name} must be mended in DNS, or mails may be called spam.`,
    );
  return { code: "sender_ok", severity: "ok", message: `Mails are signed as ${domain.name}.`, wayOut: "" };
}
