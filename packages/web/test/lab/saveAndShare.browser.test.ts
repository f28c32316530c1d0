/** Runs and experiments that travel: saved, reported on, opened again here and from the command line, shared as a link. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../cli/test/report/syntheticRun.js';
import { readLink } from '../../src/page/files/share.js';
import { drop } from './drop.js';
import { again, chromiumPath, needsChromium, PATIENCE, shortExperiment, useLab, type LabPage } from './labPage.js';

const cli = fileURLToPath(new URL('../../../../scripts/cli.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'saved-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = (lab: LabPage) => lab.panel('Your own model and task');
const editor = (lab: LabPage) => own(lab).getByRole('textbox', { name: 'Experiment, YAML' });

/** What the views tell of a run: each circuit's place and strongest edges, and every number of the curves. */
async function told(lab: LabPage): Promise<Record<string, string>> {
  await lab.panel('Time').getByRole('slider').press('End');
  const circuits = await lab.panel('Time').getByLabel('Compare with').innerText();
  const edges = await lab.panel('Details').innerText();
  const tables = lab.panel('Curves').getByText('All of these numbers as tables');
  await tables.click();
  const rows = await lab.panel('Curves').getByRole('table').first().innerText();
  return { circuits, edges, rows, now: await lab.panel('Circuit').innerText() };
}

describe.skipIf(!chromiumPath)(`a run that was saved ${needsChromium}`, again, () => {
  const openLabPage = useLab();
  let first: LabPage;

  beforeAll(async () => {
    first = await openLabPage({ experiment: shortExperiment });
    await first.runToEnd();
    const [file] = await Promise.all([first.page.waitForEvent('download'), first.click('Save run')]);
    expect(file.suggestedFilename()).toBe('short.zip');
    await file.saveAs(at('short.zip'));
  });

  it('is reported on by the command line', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [cli, 'report', at('short.zip')], { cwd: folder });
    expect(stdout).toMatch(/^The report is .*short\.report\.html\n$/);
    const html = readFileSync(at('short.report.html'), 'utf8');
    expect(html).toMatch(/<h1[^>]*>[^<]*short/);
    expect(html).toContain('logit_diff');
  });

  it('shows the same circuits and the same numbers where it is opened again', async () => {
    const lab = await openLabPage();
    await lab.click('Open…');
    await lab.page.getByLabel('A run as one .zip').setInputFiles(at('short.zip'));
    await lab.says(/^short · opened from files$/);
    const again = await told(lab);
    expect(again).toEqual(await told(first));
    expect(again['now']).toMatch(/Circuit only, after 6 steps: 20 of 1\s225 edges/);
    expect(again['circuits']).toContain('step 4');
    expect(again['rows']).toMatch(/circuit\s+6\s/);
  });

  it('answers where it is opened again as it did where it ran', async () => {
    const answers = (lab: LabPage) => lab.panel('Try it').getByRole('table');
    await answers(first).getByRole('columnheader', { name: 'Tuned' }).waitFor();
    const lab = await openLabPage();
    await lab.click('Open…');
    await lab.page.getByLabel('A run as one .zip').setInputFiles(at('short.zip'));
    await lab.click('Load its model');
    await answers(lab).getByRole('columnheader', { name: 'Tuned' }).waitFor();
    expect(await answers(lab).innerText()).toBe(await answers(first).innerText());
  });
});

describe.skipIf(!chromiumPath)(`a run of the command line ${needsChromium}`, again, () => {
  beforeAll(() => syntheticRun(at('run'), { methods: ['circuit', 'full'], steps: 24, hasCurve: true }));
  const openLabPage = useLab(at('run'));

  it('is what the page opens with where the server was given it', async () => {
    const lab = await openLabPage({ isRunShown: true });
    expect(new URL(lab.page.url()).search).toBe('?run=/run/');
    await lab.says(/^agreement · opened from files$/);
    await lab.page.getByRole('application', { name: /: 60 edges/ }).waitFor();
    await lab
      .panel('Methods compared')
      .getByRole('row', { name: /^All parameters/ })
      .waitFor();
    await lab.says(/The run has no model of circuit, full, neither under delta nor under model/, lab.panel('Try it'));
  });

  it('is told with faithfulness at every size and trends of edges, as its report is', async () => {
    const lab = await openLabPage({ isRunShown: true });
    const methods = lab.panel('Methods compared');
    await methods
      .getByRole('img', { name: /^Line chart of Edges taken by score: CPR 0\.810.*random, as many edges/ })
      .waitFor();
    await methods.getByText('These curves as a table').click();
    await methods.getByRole('row', { name: /^10 \d+ 0\.5012 0\.009500 0\.08500 / }).waitFor();

    const curves = lab.panel('Curves');
    const clearest = curves.getByRole('group', { name: 'Edges of circuit with the clearest trends' });
    await lab.says(/^Over the 3 searches of circuit, of \d+ edges \d+ strengthened and \d+ weakened/, curves);
    const edge = clearest.getByRole('button').first();
    await edge.focus();
    await lab.page.keyboard.press('Enter');
    const name = (await edge.locator('text').textContent())!;
    await lab.says(
      name.replace('->', ' → ').replace(/<.*/, ''),
      lab.panel('Details').getByRole('heading', { level: 3 }),
    );
    await curves.getByText('These trends as tables').click();
    await curves.getByRole('row', { name: new RegExp(`^circuit ${name} `) }).waitFor();
  });

  it('is shown in the same way when its folder is dropped', async () => {
    const served = await openLabPage({ isRunShown: true });
    await served.says(/^agreement · opened from files$/);
    const lab = await openLabPage();
    await lab.panel('Start here').waitFor();
    await drop(lab.page, [at('run')]);
    await lab.says(/^agreement: \d circuits\.$/);
    expect(await told(lab)).toEqual(await told(served));
  });
});

describe.skipIf(!chromiumPath)(`an experiment that is shared ${needsChromium}`, again, () => {
  const openLabPage = useLab();
  const copied = async (lab: LabPage, button: string): Promise<string> => {
    await lab.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await lab.click(button);
    await lab.says('The link is copied. The experiment’s text is in it; the model and the data are not.');
    return lab.page.evaluate(() => navigator.clipboard.readText());
  };

  it('is its text and nothing else, starts nothing by itself, and runs', async () => {
    const sender = await openLabPage({ experiment: shortExperiment });
    await sender.says('This can run');
    const link = await copied(sender, 'Copy link');
    expect(link).toMatch(new RegExp(`^${sender.origin}/#experiment=[\\w-]{100,800}$`));
    expect(await readLink(new URL(link).hash)).toBe(shortExperiment);

    const reader = await openLabPage({ hash: new URL(link).hash });
    await reader.says('This text came with the link.');
    expect(await editor(reader).inputValue()).toBe(shortExperiment);
    await reader.says('This can run');
    expect(await reader.panel('The run').count()).toBe(0);
    expect(reader.page.url()).toBe(`${reader.origin}/`);
    await reader.runToEnd();
    await reader.says(/^short · done$/);
    // the part behind # is not for servers
    expect(reader.asked.filter((url) => url.includes('experiment='))).toEqual([]);
  });

  it('names data of the sender without taking it along, and says what is needed', async () => {
    const sender = await openLabPage({ experiment: shortExperiment });
    await own(sender).getByText('Type examples by hand').click();
    await own(sender).getByLabel('Sentence, row 1').fill('the secret keys');
    await sender.click('Use as the task', own(sender));
    await expect.poll(() => editor(sender).inputValue(), { timeout: PATIENCE }).toContain('task: typed.jsonl');
    const link = await copied(sender, 'Copy link');
    const text = await readLink(new URL(link).hash);
    expect(text).toContain('task: typed.jsonl');
    expect(text).not.toContain('secret');

    const reader = await openLabPage({ hash: new URL(link).hash });
    await reader.says('This experiment needs what is not here yet');
    await reader.says('The data file typed.jsonl: drop it anywhere on this page, or add it in step 2.');
    expect(await reader.button('Run this').isEnabled()).toBe(false);
  });

  it('a link that was cut says so, and the page goes on', async () => {
    const lab = await openLabPage({ hash: '#experiment=eJxLTEoGAAJNA' });
    await lab.says(/^the link: must be whole, as it was copied, got one that is cut or changed\.$/);
    await lab.says('Copy the whole of it again.');
    await lab.panel('Start here').waitFor();
  });
});
