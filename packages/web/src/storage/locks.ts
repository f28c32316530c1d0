/** What one tab at a time may do (https://w3c.github.io/web-locks/). A tab that closes, or crashes, lets go. */

const nameOf = (what: string): string => `circuit-tuning ${what}`;

/**
 * Lets go when it is called; undefined where another tab, or this one, still has it after `patience` milliseconds: a tab
 * that is reloaded lets go a moment after its successor begins.
 */
export const takeLock = (what: string, patience = 0): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    const options = patience > 0 ? { signal: AbortSignal.timeout(patience) } : { ifAvailable: true };
    navigator.locks
      .request(nameOf(what), options, (lock) => {
        if (lock) return new Promise<void>((letGo) => resolve(letGo));
        resolve(undefined);
        return undefined;
      })
      .catch((error: unknown) => {
        if ((error as Error).name === 'TimeoutError') resolve(undefined);
        else reject(error as Error);
      });
  });

/** Resolves when nobody has it, which may be never; in pages too. */
export const whenFree = async (what: string): Promise<void> =>
  navigator.locks.request(nameOf(what), { mode: 'shared' }, () => {});

/** What has a run. */
export const runLock = (id: string): string => `run ${id}`;

/** All that anybody has. */
export async function heldLocks(): Promise<(what: string) => boolean> {
  const { held = [] } = await navigator.locks.query();
  const names = new Set(held.map(({ name }) => name));
  return (what) => names.has(nameOf(what));
}
