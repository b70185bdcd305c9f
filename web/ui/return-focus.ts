import { useEffect, useState } from "react";

/** Longer than what a menu, as it closes, takes to give the focus back itself. */
const settledMs = 30;

/** Of a menu, which goes with its items, the button stays. */
function openerOf(element: Element | null): Element | null {
  const button = element?.closest('[role="menu"]')?.getAttribute("aria-labelledby");
  return button ? document.getElementById(button) : element;
}

/**
 * Remembers what has the focus, for a dialog that is opened from it.
 * @returns gives the focus back, once the dialog is closed, unless it has gone elsewhere by then
 */
export function rememberFocus(): () => void {
  const opener = openerOf(document.activeElement);
  return () => {
    setTimeout(() => {
      const now = document.activeElement;
      const isLost = now === null || now === document.body || now.closest('[role="dialog"]') !== null;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    }, settledMs);
  };
}

/** The same for a dialog that stands in the page only while it is open. */
export function useReturnFocus(): void {
  const [giveBack] = useState(rememberFocus);
  useEffect(() => giveBack, [giveBack]);
}
