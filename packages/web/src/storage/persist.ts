/** For pages: workers may keep files, but not ask for how long. */

/**
 * Asks the browser not to clear runs and models when the disk gets full; some browsers ask the reader. Worth asking once
 * something is kept that would be missed. False where it may still clear them.
 */
export const persist = async (): Promise<boolean> =>
  (await navigator.storage?.persisted?.()) || ((await navigator.storage?.persist?.()) ?? false);
