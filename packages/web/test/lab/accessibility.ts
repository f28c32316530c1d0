/** What axe finds wrong with a page as it stands: names, roles, contrast, reach by keyboard. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** A line for each thing that keeps a reader out, with the elements that do; empty where all is well. */
export async function barriers(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      where: nodes.map(
        ({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary?.split('\n').at(-1) ?? ''}`,
      ),
    }));
  });
  return found.map(({ id, help, where }) => `${id}: ${help}\n  ${where.slice(0, 5).join('\n  ')}`);
}
