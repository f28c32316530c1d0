/** Looking closely: parts of the model, prompts, fewer edges, other colours, a narrow window, no pointer. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { barriers } from './accessibility.js';
import { again, chromiumPath, needsChromium, PATIENCE, shortExperiment, useLab, type LabPage } from './labPage.js';

const picture = (lab: LabPage) => lab.panel('Circuit').getByRole('application');
const card = (lab: LabPage) => lab.panel('Details').getByRole('heading', { level: 3 });
/** The name of the picture up to its keys: `Before tuning: 20 edges between 19 nodes`. */
const drawn = async (lab: LabPage): Promise<string> => (await picture(lab).getAttribute('aria-label'))!.split('.')[0]!;

/** Chosen by its name, and pinned. */
async function pin(lab: LabPage, node: string): Promise<void> {
  const find = lab.page.getByLabel('Find a node');
  await find.fill(node);
  await card(lab).filter({ hasText: node }).waitFor();
  await find.fill('');
}

/** Percents of a column of the prompt's table, by token; `rare` ones are left out. */
async function shares(lab: LabPage, column: string): Promise<Map<string, number>> {
  const table = lab.panel('Try it').getByRole('table');
  const heads = await table.getByRole('columnheader').allInnerTexts();
  const at = heads.indexOf(column);
  expect(at, `the column ${column} among ${heads.join(', ')}`).toBeGreaterThan(0);
  const found = new Map<string, number>();
  for (const row of await table.locator('tbody').getByRole('row').all()) {
    const [token] = await row.getByRole('rowheader').allInnerTexts();
    const [, share] =
      /^<?([\d.]+)%/.exec(
        await row
          .getByRole('cell')
          .nth(at - 1)
          .innerText(),
      ) ?? [];
    if (share !== undefined) found.set(token!, Number(share));
  }
  return found;
}

const sumOf = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0);

describe.skipIf(!chromiumPath)(`looking closely ${needsChromium}`, again, () => {
  const openLabPage = useLab();
  let lab: LabPage;

  beforeAll(async () => {
    lab = await openLabPage({ experiment: shortExperiment });
    await lab.runToEnd();
    await lab.panel('Try it').getByRole('columnheader', { name: 'Tuned' }).waitFor();
  });
  beforeEach(async () => {
    await lab.page.setViewportSize({ width: 1280, height: 900 });
    await lab.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' });
    await lab.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await lab.page.keyboard.press('Escape');
  });

  it('tells all of a head that was chosen with the keyboard alone', async () => {
    const details = lab.panel('Details');
    await picture(lab).focus();
    await lab.page.keyboard.press('ArrowUp');
    await lab.says('input', card(lab));
    await lab.page.keyboard.press('ArrowUp');
    await lab.page.keyboard.press('Enter');
    await lab.says(/attention head \d, layer 0/, card(lab));
    await lab.says(/^Reads along/, details);
    await lab.says(/^Writes along \d+ edges?$/, details);
    await lab.says(/^In the circuit at/, details);
    await details.getByRole('slider', { name: /^Strength of a0\.h\d, search by search/ }).waitFor();
    await lab.says(/^It owns \d\s\d+ numbers of the model\. In 6 steps they moved by [\d.]+ %/, details);
    const norms = details.getByRole('table').getByRole('row', { name: /^attn\.W_V 512 [\d.]+ %$/ });
    await norms.waitFor();
    for (const model of ['base model', 'tuned'])
      await details.getByRole('img', { name: new RegExp(`^${model}, attention pattern.*farmer at`) }).waitFor();

    await lab.page.getByLabel('The beginning of a sentence').fill('the keys near the boy');
    await details.getByRole('img', { name: /^tuned, attention pattern.*boy at/ }).waitFor();
  });

  it('goes from edge to edge of a node by keys, and lets go', async () => {
    await pin(lab, 'a2.h6');
    await picture(lab).focus();
    await lab.page.keyboard.press('e');
    await lab.page.keyboard.press('Enter');
    await lab.says(/^a2\.h6 → logits$/, card(lab));
    await lab.says(/^\d+ of 1\s225 edges by size of the score, in this circuit$/, lab.panel('Details'));
    // what closes a menu lets go of nothing
    await lab.click('Open…');
    await lab.page.getByRole('dialog', { name: 'Open a run' }).waitFor();
    await lab.page.keyboard.press('Escape');
    await lab.page.getByRole('dialog', { name: 'Open a run' }).waitFor({ state: 'hidden' });
    await lab.says(/^a2\.h6 → logits$/, card(lab));
    await lab.page.keyboard.press('Escape');
    await lab.says('Strongest edges of this circuit', lab.panel('Details'));
  });

  it('shows shares of the base and the tuned model that are shares, and differ', async () => {
    const [base, tuned] = [await shares(lab, 'Base'), await shares(lab, 'Tuned')];
    for (const column of [base, tuned]) {
      expect(column.size).toBeGreaterThan(2);
      // each of them is rounded
      expect(sumOf(column.values())).toBeLessThanOrEqual(100 + column.size / 2);
    }
    expect([...tuned]).not.toEqual([...base]);
  });

  it('answers without the parts that are switched off, until they are on again', async () => {
    await pin(lab, 'a2.h6');
    const tryIt = lab.panel('Try it');
    await lab.panel('Details').getByRole('switch', { name: 'Switched off in prompts' }).check();
    // the model is asked while someone can see the answer
    await tryIt.scrollIntoViewIfNeeded();
    await tryIt.getByRole('columnheader', { name: 'Parts off' }).waitFor();
    const [off, tuned] = [await shares(lab, 'Parts off'), await shares(lab, 'Tuned')];
    expect(sumOf(off.values())).toBeLessThanOrEqual(100 + off.size / 2);
    expect([...off]).not.toEqual([...tuned]);
    await lab.click('Switch a2.h6 on again');
    await tryIt.getByRole('columnheader', { name: 'Parts off' }).waitFor({ state: 'detached' });
    expect(await lab.panel('Details').getByRole('switch').isChecked()).toBe(false);
  });

  it('says why something typed cannot be switched off', async () => {
    await lab.page.getByLabel('A node or an edge to switch off').fill('a9.h9');
    await lab.click('Switch off');
    await lab.says(/^This model has no part a9\.h9\./);
    await lab.page.getByLabel('A node or an edge to switch off').fill('');
  });

  it('draws only the strongest edges when it is told to', async () => {
    const strongest = lab.slider('Strongest edges drawn');
    await strongest.press('Home');
    await expect.poll(() => drawn(lab)).toMatch(/: 5 edges between \d+ nodes$/);
    expect(await strongest.getAttribute('aria-valuetext')).toBe('5 of 20');
    await strongest.press('End');
    await expect.poll(() => drawn(lab)).toMatch(/: 20 edges between \d+ nodes$/);
  });

  it('draws a layer as one node when it is told to', async () => {
    const group = lab.page.getByLabel('Group by layer');
    await group.check();
    await expect.poll(() => drawn(lab)).toMatch(/ edges between [2-8] nodes$/);
    await picture(lab).focus();
    await lab.page.keyboard.press('ArrowUp');
    await lab.page.keyboard.press('ArrowUp');
    await lab.says('a0', card(lab));
    await lab.says(/^This is a whole layer\./, lab.panel('Details'));
    await group.uncheck();
    await expect.poll(() => drawn(lab)).toMatch(/: 20 edges between \d\d nodes$/);
  });

  it('finds nodes by a part of their name', async () => {
    const find = lab.page.getByLabel('Find a node');
    await find.fill('a2.h');
    await lab.says('8 found', lab.panel('Circuit'));
    await find.press('Enter');
    await lab.says('attention head 0, layer 2', card(lab));
    await find.fill('a7');
    await lab.says('none', lab.panel('Circuit'));
    await find.fill('');
  });

  it('changes its colours when it is told to, and keeps them', async () => {
    const ground = (): Promise<string> => lab.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await lab.click('Colours: system. Change to light');
    await lab.click('Colours: light. Change to dark');
    expect(await ground()).not.toBe(light);
    const again = await lab.context.newPage();
    await again.goto(lab.page.url());
    await again.getByRole('button', { name: 'Colours: dark. Change to system' }).waitFor();
    await again.close();
    await lab.click('Colours: dark. Change to system');
    expect(await ground()).toBe(light);
  });

  it('leaves films to the hand where the system asks for less motion', async () => {
    await lab.button(/Film/).waitFor();
    await lab.page.emulateMedia({ reducedMotion: 'reduce' });
    await lab.button(/Film/).waitFor({ state: 'detached' });
    await lab.click('Previous');
    await lab.says('Circuit only, step 4: 20 of', lab.panel('Circuit'));
    await lab.click('Next');
  });

  /** The states that a reader spends time in. */
  const states: readonly {
    readonly name: string;
    readonly enter: () => Promise<void>;
    readonly leave?: () => Promise<void>;
  }[] = [
    { name: 'a finished run', enter: () => lab.says('Strongest edges of this circuit') },
    {
      name: 'a head that is pinned',
      enter: async () => {
        await pin(lab, 'a2.h6');
        await lab
          .panel('Details')
          .getByRole('img', { name: /^tuned, attention/ })
          .waitFor();
      },
    },
    {
      name: 'two moments beside each other, and a part that is off',
      enter: async () => {
        await lab.page.getByLabel('Compare with').selectOption('Before tuning');
        await lab.page.getByRole('switch', { name: /^Only the circuit shown/ }).check();
        await lab.panel('Try it').getByRole('columnheader', { name: 'Parts off' }).waitFor();
      },
      leave: async () => {
        await lab.page.getByLabel('Compare with').selectOption('nothing: one picture');
        await lab.page.getByRole('switch', { name: /^Only the circuit shown/ }).uncheck();
      },
    },
    {
      name: 'tables and forms that are folded at first',
      enter: async () => {
        for (const summary of ['All of these numbers as tables', 'Every step of circuit', 'Faithfulness as a table'])
          await lab.page.getByText(summary, { exact: true }).click();
        await lab.page.getByText('Type examples by hand').click();
      },
      leave: async () => {
        for (const summary of ['All of these numbers as tables', 'Faithfulness as a table', 'Type examples by hand'])
          await lab.page.getByText(summary, { exact: true }).click();
      },
    },
    {
      name: 'the help',
      enter: async () => {
        await lab.click('Help');
        const dialog = lab.page.getByRole('dialog', { name: 'What you see' });
        expect(await dialog.evaluate((it) => it.scrollTop), 'read from its beginning').toBe(0);
      },
      leave: () => lab.click('Close'),
    },
    {
      name: 'runs to open',
      enter: async () => {
        await lab.click('Open…');
        await lab.says(/kept in this browser/i);
      },
      leave: async () => {
        await lab.page.keyboard.press('Escape');
        await lab.page.getByRole('dialog', { name: 'Open a run' }).waitFor({ state: 'hidden' });
      },
    },
  ];

  for (const { name, enter, leave } of states)
    it(`keeps nobody out, in light and in dark: ${name}`, async () => {
      await enter();
      const light = await barriers(lab.page);
      await lab.page.emulateMedia({ colorScheme: 'dark' });
      const dark = await barriers(lab.page);
      await leave?.();
      expect({ light, dark }).toEqual({ light: [], dark: [] });
    });

  for (const { name, enter, leave } of states)
    it(`does not scroll sideways on a phone: ${name}`, async () => {
      await lab.page.setViewportSize({ width: 360, height: 740 });
      await enter();
      const sideways = await lab.sideways();
      await leave?.();
      expect(sideways).toBe(0);
    });

  it('does not scroll sideways while charts that were drawn for a wide window wait to be drawn for a narrow one', async () => {
    await pin(lab, 'a2.h6');
    // before observers of sizes are called
    await lab.page.evaluate(() =>
      addEventListener('resize', () => {
        const { scrollWidth, clientWidth, dataset } = document.documentElement;
        dataset['sideways'] = `${scrollWidth - clientWidth}`;
      }),
    );
    await lab.page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(() => lab.page.locator('html').getAttribute('data-sideways'), { timeout: PATIENCE }).toBe('0');
  });

  it('keeps nobody out of the first visit, in light, in dark and on a phone', async () => {
    const first = await openLabPage({ viewport: { width: 360, height: 740 } });
    await first.says(/no circuit is found yet$/, first.panel('Circuit'));
    await first.says(/computes on the CPU/);
    expect(await first.sideways()).toBe(0);
    expect(await barriers(first.page)).toEqual([]);
    await first.page.emulateMedia({ colorScheme: 'dark' });
    expect(await barriers(first.page)).toEqual([]);
  });
});
