/** Whether the session ended while a page is open: the page stays, with what was typed, and asks for a new sign-in over it. */
let isOver = false;
const listeners = new Set<() => void>();

function set(value: boolean): void {
  isOver = value;
  for (const tell of listeners) tell();
}

export const sessionOver = {
  /** Told when a request was refused for want of a session; only an open page has something to lose. */
  begin: () => listeners.size > 0 && set(true),
  end: () => set(false),
  isOver: () => isOver,
  subscribe(tell: () => void): () => void {
    listeners.add(tell);
    return () => void listeners.delete(tell);
  },
};
