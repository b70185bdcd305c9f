const mostOftenMs = 100;

/** How a long command says where it is: one line that changes on a terminal, single lines elsewhere; none for JSON. */
export interface Progress {
  /** A new step: stays to be seen. */
  line(text: string): void;
  /** Where it is within the step, as often as one likes. */
  show(text: string): void;
  /** Takes the changing line away. */
  end(): void;
}

export function startProgress({ json = false }: { readonly json?: boolean }): Progress {
  const isTerminal = process.stderr.isTTY === true;
  let shownAt = 0;
  let isShown = false;
  const clear = () => {
    if (isShown) process.stderr.write("\r\u001B[K");
    isShown = false;
  };
  return {
    line(text) {
      clear();
      if (!json) process.stderr.write(`${text}\n`);
    },
    show(text) {
      const now = performance.now();
      if (json || !isTerminal || now - shownAt < mostOftenMs) return;
      shownAt = now;
      isShown = true;
      process.stderr.write(`\r\u001B[K  ${text}`);
    },
    end: clear,
  };
}
