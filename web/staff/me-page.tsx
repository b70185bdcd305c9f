import { Page } from "../ui/page.tsx";

/** The own sign-in: password, second factor, sessions. */
export function MePage() {
  return <Page title="Your sign-in">{null}</Page>;
}
