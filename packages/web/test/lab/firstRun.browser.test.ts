/** The first visit: what a stranger sees, and what one click does. */
import { describe, expect, it } from 'vitest';
import { again, chromiumPath, needsChromium, useLab } from './labPage.js';

describe.skipIf(!chromiumPath)(`the first visit ${needsChromium}`, again, () => {
  const openLabPage = useLab();

  it('says what a circuit is, draws the model, and has one button to begin with', async () => {
    const lab = await openLabPage();
    const start = lab.panel('Start here');
    await lab.says(/A circuit is the small set of connections/, start);
    await lab.says(/^1\s225 edges between 38 nodes; no circuit is found yet$/, lab.panel('Circuit'));
    await lab.page.getByRole('application', { name: /^The model, before a circuit is found: 0 edges/ }).waitFor();
    expect(await start.getByRole('button').allInnerTexts()).toEqual(['Start']);
    expect(await lab.panel('The run').count(), 'the bar of a run').toBe(0);
  });

  it('runs the built-in experiment on a click, stops, and nothing has left the tab', async () => {
    const lab = await openLabPage();
    await lab.click('Start', lab.panel('Start here'));
    await lab.says(/^Before tuning: 20 of /, lab.panel('Circuit'));
    await lab.page.getByRole('application', { name: /^Before tuning: 20 edges/ }).waitFor();
    await lab.click('Stop');
    await lab.runSays(/^Stopped/);
    await lab.button('Go on').waitFor();
    // what the worker asks for is seen too
    expect(lab.asked).toContain(`${lab.origin}/embedded/model/model.safetensors`);
    expect(lab.strangers()).toEqual([]);
  });
});
