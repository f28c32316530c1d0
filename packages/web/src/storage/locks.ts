/** What one tab at a time may do (https://w3c.github.io/web-locks/). A tab that closes, or crashes, lets go. */

const nameOf = (what: string): string => `circuit-tuning ${what}`;

/** Lets go when it is called; undefined where another tab, or this one, has it. */
export const takeLock = (what: string): Promise<(() => void) | undefined> =>
  new Promise((resolve, reject) => {
    navigator.locks
      .request(nameOf(what), { ifAvailable: true }, (lock) => {
        if (lock) return new Promise<void>((letGo) => resolve(letGo));
        resolve(undefined);
        return undefined;
      })
      .catch(reject);
  });

/** All that anybody has. */
export async function heldLocks(): Promise<(what: string) => boolean> {
  const { held = [] } = await navigator.locks.query();
  const names = new Set(held.map(({ name }) => name));
  return (what) => names.has(nameOf(what));
}
