import { type ReactNode, useDeferredValue } from "react";

/** What stands below a page's first screen: drawn right after that, so that a slow machine answers sooner. */
export function Later({ children }: { readonly children: ReactNode }) {
  return useDeferredValue(true, false) && children;
}
