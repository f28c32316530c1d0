/** Ctrl-C that saves: the first asks the work to stop where it can go on later, the second ends the process. */

export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Calls `body` with a signal that Ctrl-C (or a polite kill) aborts. */
export async function interruptible<R>(
  say: (line: string) => void,
  body: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    say('stopping after this step; Ctrl-C again to stop at once');
    controller.abort(new Interrupted('interrupted'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  try {
    return await body(controller.signal);
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}
