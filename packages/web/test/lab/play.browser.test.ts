/** A run in the reader's hand: held, stepped, ended and taken up again, and looked at over time when it is done. */
import { beforeAll, describe, expect, it } from 'vitest';
import { again, chromiumPath, needsChromium, shortExperiment, useLab, type LabPage } from './labPage.js';

const atStep = (step: number): RegExp => new RegExp(`^Paused\\. Tuning only the circuit, step ${step} of 6`);

/** A run that was paused before it began to tune, or as soon after as could be. */
async function paused(lab: LabPage): Promise<void> {
  await lab.run();
  await lab.click('Pause');
  await lab.button('Resume').waitFor();
}

/** The moment that is shown, as the slider says it. */
const shown = (lab: LabPage): Promise<string | null> =>
  lab.slider('Search that is shown').getAttribute('aria-valuetext');
const waitForMoment = (lab: LabPage, moment: string): Promise<void> =>
  lab.says(`${moment}: 20 of`, lab.panel('Circuit'));

describe.skipIf(!chromiumPath)(`a run in the hand ${needsChromium}`, again, () => {
  const openLabPage = useLab();

  it('holds still while it is paused, goes one step at a time, ends when it is stopped, and goes on to the end', async () => {
    const lab = await openLabPage({ experiment: shortExperiment });
    await paused(lab);
    await lab.stepUntil(atStep(1));
    // the model answers meanwhile, and nothing moves
    await lab.page.getByRole('switch', { name: /^Only the circuit shown/ }).check();
    await lab.panel('Try it').getByRole('columnheader', { name: 'Parts off' }).waitFor();
    expect(await lab.now.innerText()).toMatch(atStep(1));
    await lab.step();
    expect(await lab.now.innerText()).toMatch(atStep(2));
    await lab.step(() => lab.page.keyboard.press('s'));
    expect(await lab.now.innerText()).toMatch(atStep(3));

    await lab.click('Stop');
    await lab.runSays(/^Stopped\. What was found is kept/);
    await lab.click('Go on');
    await lab.runSays(/^Done: 6 steps by one method\.$/);
    const curves = lab.panel('Curves');
    await curves.getByText('All of these numbers as tables').click();
    await curves.getByText('Every step of circuit').click();
    const rows = curves.getByRole('table', { name: 'Every step of circuit' }).locator('tbody').getByRole('row');
    const steps = async (): Promise<string[]> => (await rows.allInnerTexts()).map((row) => row.split(/\s/)[0]!);
    await expect.poll(steps).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('is paused, stepped and let go by keys', async () => {
    const lab = await openLabPage({ experiment: shortExperiment });
    await lab.says('This can run');
    await lab.button('Run this').press('Enter');
    await lab.button('Pause').waitFor();
    await lab.page.keyboard.press(' ');
    await lab.button('Resume').waitFor();
    await lab.step(() => lab.page.keyboard.press('s'));
    await lab.page.keyboard.press(' ');
    await lab.runSays(/^Done/);
  });

  it('shows the newest search as it comes, unless another was chosen, until Live is pressed', async () => {
    const lab = await openLabPage({ experiment: shortExperiment });
    const live = lab.button('Live');
    await paused(lab);
    await lab.stepUntil(atStep(1));
    await waitForMoment(lab, 'Circuit only, step 0');
    expect(await live.getAttribute('aria-pressed')).toBe('true');
    await lab.click('Previous');
    await waitForMoment(lab, 'Before tuning');
    expect(await live.getAttribute('aria-pressed')).toBe('false');
    await lab.stepUntil(atStep(3));
    expect(await shown(lab)).toBe('Before tuning');
    await live.click();
    await waitForMoment(lab, 'Circuit only, step 2');
    await lab.stepUntil(atStep(5));
    await waitForMoment(lab, 'Circuit only, step 4');
  });

  describe('when it is done', () => {
    let lab: LabPage;
    beforeAll(async () => {
      lab = await openLabPage({ experiment: shortExperiment });
      await lab.runToEnd();
    });

    it('says in words what came of it, and in numbers', async () => {
      const methods = lab.panel('Methods compared');
      await lab.says(/^Starting from \d.*, tuning the circuit took logit_diff to .\d/, methods);
      const row = methods.getByRole('row', { name: /^Circuit only/ });
      for (const cell of await row.getByRole('cell').allInnerTexts()) expect(cell).toMatch(/\d/);
      await lab.panel('Methods compared').getByText('Faithfulness as a table').click();
      await methods.getByRole('table').nth(1).waitFor();
    });

    it('draws curves that have numbers', async () => {
      const charts = lab.panel('Curves').getByRole('img', { name: /^Line chart of/ });
      await charts.nth(6).waitFor();
      for (const chart of await charts.all())
        expect(await chart.getAttribute('aria-label')).toMatch(
          /: (Circuit only|kept) [−\d.\s]+ → [−\d.\s]+(\. Left| · )/,
        );
    });

    it('goes through its searches by keys, by click, and one by one', async () => {
      const slider = lab.slider('Search that is shown');
      await slider.focus();
      await slider.press('Home');
      await waitForMoment(lab, 'Before tuning');
      await slider.press('ArrowRight');
      await waitForMoment(lab, 'Circuit only, step 0');
      await lab.click('Next');
      await waitForMoment(lab, 'Circuit only, step 2');
      await lab.page.keyboard.press('ArrowLeft');
      await waitForMoment(lab, 'Circuit only, step 0');
      const { width, height } = (await slider.boundingBox())!;
      await slider.click({ position: { x: width - 4, y: height / 2 } });
      await waitForMoment(lab, 'Circuit only, after 6 steps');
      expect(await lab.button('Next').isDisabled()).toBe(true);
      await lab.click('Previous');
      await waitForMoment(lab, 'Circuit only, step 4');
    });

    it('puts two moments beside each other and counts what entered and left', async () => {
      const compare = lab.page.getByLabel('Compare with');
      await lab.slider('Search that is shown').press('End');
      await compare.selectOption('Before tuning');
      const pictures = lab.panel('Circuit').getByRole('application');
      await pictures.nth(1).waitFor();
      const names = await pictures.evaluateAll((all) => all.map((it) => it.ariaLabel!.replace(/:.*/, '')));
      expect(names).toEqual(['Before tuning', 'Circuit only, after 6 steps']);
      const words = lab.panel('Time').getByText(/^From A to B: /);
      const [, entered, left, stayed] = /(\d+) entered, (\d+) left, (\d+) stayed/.exec(await words.innerText())!;
      expect([Number(entered) + Number(stayed), Number(left) + Number(stayed)]).toEqual([20, 20]);
      expect(Number(entered)).toBeGreaterThan(0);
      await compare.selectOption('nothing: one picture');
      await pictures.nth(1).waitFor({ state: 'detached' });
    });

    it('plays as a film from the first search to the last', async () => {
      await lab.slider('Search that is shown').press('End');
      const speed = lab.page.getByLabel('Speed of the film');
      await speed.selectOption('1/s');
      await lab.click(/Film/);
      await waitForMoment(lab, 'Before tuning');
      await speed.selectOption('8/s');
      await waitForMoment(lab, 'Circuit only, after 6 steps');
      await lab.button(/Film/).waitFor();
    });
  });
});
