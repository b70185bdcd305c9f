const signals = ["SIGINT", "SIGTERM"] as const;

/** What a program that Ctrl-C ended says to the shell. */
export const interruptedExitCode = 130;

let isOver = false;

/** For loops that look at the database: once Ctrl-C came they never go on, since it is being closed. */
export function pauseIfInterrupted(): Promise<void> {
  return isOver ? new Promise(() => {}) : Promise.resolve();
}

/**
 * Does the work, but waits for it no longer than until Ctrl-C or SIGTERM: the caller then closes what it opened, so
 * that no database is left behind. From the first signal on, another Ctrl-C ends the program at once.
 */
export async function untilInterrupted<T>(work: Promise<T>): Promise<T | "interrupted"> {
  let listener: () => void = () => {};
  const interrupted = new Promise<"interrupted">((resolve) => {
    listener = () => {
      isOver = true;
      process.once("SIGINT", () => process.exit(interruptedExitCode));
      resolve("interrupted");
    };
    for (const signal of signals) process.once(signal, listener);
  });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    for (const signal of signals) process.off(signal, listener);
  }
}
