import { Page } from "../ui/page.tsx";

/** What requires attention, how the bridge is, and how the audience grows. */
export function HomePage() {
  return <Page title="Home">{null}</Page>;
}
