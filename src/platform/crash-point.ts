let armed: { readonly name: string; passings: number } | undefined;

/**
 * Arms one named point, from LOCKSTEP_CRASH_AT: the process kills itself there, as power would. For fault tests.
 * @param name `sync.before_commit`, or `sync.after_stage#3` for the third time it is passed
 */
export function armCrashPoint(name: string): void {
  const [point, passing] = name.split("#");
  armed = { name: point ?? name, passings: Number(passing ?? 1) };
}

/** A point that a fault test may kill the process at; does nothing otherwise. */
export function crashPoint(name: string): void {
  if (armed?.name !== name) return;
  armed.passings -= 1;
  if (armed.passings === 0) process.kill(process.pid, "SIGKILL");
}
