/** Files and folders of the disk dropped on a page, as a reader drops them: the browser itself hands them over. */
import type { Page } from 'playwright-core';

/** Onto the middle of the window of a page that is ready; `meanwhile` is called while they hang over it. */
export async function drop(page: Page, paths: readonly string[], meanwhile?: () => Promise<void>): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize()!;
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const drag = (type: 'dragEnter' | 'dragOver' | 'drop'): Promise<unknown> =>
    session.send('Input.dispatchDragEvent', { type, x: width / 2, y: height / 2, data });
  await drag('dragEnter');
  await drag('dragOver');
  await meanwhile?.();
  // over what the page has shown since, which is to say again that it takes it
  await drag('dragOver');
  await drag('drop');
  await session.detach();
}
