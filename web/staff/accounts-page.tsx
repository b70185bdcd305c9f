import { Page } from "../ui/page.tsx";

/** Every account of the installation, for staff. */
export function AccountsPage() {
  return <Page title="Accounts">{null}</Page>;
}
