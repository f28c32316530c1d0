/** A model, a task and an experiment of the reader's own: chosen or dropped, run, and said what is wrong with. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { syntheticRun } from '../../../cli/test/report/syntheticRun.js';
import { drop } from './drop.js';
import { again, chromiumPath, needsChromium, PATIENCE, useLab, type LabPage } from './labPage.js';
import { bytes, putFolder, sharded, tinyConfig, tinyModel, wideModel, type Files } from './tinyModel.js';

const folder = mkdtempSync(join(tmpdir(), 'own-'));
const at = (name: string): string => join(folder, name);
const put = (name: string, content: string | Uint8Array): string => {
  writeFileSync(at(name), content);
  return at(name);
};

/** Of any model and task; two steps, so that it is over in a moment. */
const twoSteps = `name: mine
model: embedded
data: { task: tasks/agreement.jsonl }
discovery: { batch_size: 2, limit: 4 }
tuning: { methods: [circuit], steps: 2, every: 1, learning_rate: 0.01, batch_size: 2, evaluate_every: 2 }
evaluation: { faithfulness: [5], controls: 0, batch_size: 2, limit: 4 }
`;
const pairs = ['dog', 'boy', 'bird', 'cow']
  .map((word) => ({ clean: `the ${word}s`, corrupt: `the ${word}`, answers: [' were'], wrong_answers: [' was'] }))
  .map((row) => `${JSON.stringify(row)}\n`)
  .join('');

const own = (lab: LabPage) => lab.panel('Your own model and task');
const step = (lab: LabPage, name: string) => own(lab).getByRole('region', { name });
const editor = (lab: LabPage) => own(lab).getByRole('textbox', { name: 'Experiment, YAML' });
const pickFolder = (lab: LabPage, path: string) =>
  step(lab, 'Model')
    .getByLabel(/^A folder in Hugging Face layout/)
    .setInputFiles(path);

describe.skipIf(!chromiumPath)(`a model and a task of one's own ${needsChromium}`, again, () => {
  const openLabPage = useLab();
  let model: Files;

  beforeAll(async () => {
    model = await tinyModel();
    putFolder(at('tiny'), model);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('a model folder that is chosen and examples that are typed make a run', async () => {
    const lab = await openLabPage({ experiment: twoSteps });
    await pickFolder(lab, at('tiny'));
    await step(lab, 'Model')
      .getByRole('radio', { name: /^tiny / })
      .waitFor();
    expect(await editor(lab).inputValue()).toContain('model: tiny\n');
    await own(lab).getByText('Type examples by hand').click();
    await lab.says('✓ 2 examples, each a pair of the same number of tokens.', own(lab));
    await lab.click('Use as the task', own(lab));
    await expect.poll(() => editor(lab).inputValue(), { timeout: PATIENCE }).toContain('task: typed.jsonl');
    await lab.says('tiny: gpt2, 2 layers of 2 heads', own(lab));
    await lab.runToEnd();
    await lab.says(/^mine · done$/);
    await lab.says(/^Circuit only, after 2 steps: 5 of 46 edges/, lab.panel('Circuit'));
    await lab.click('The run that is shown', own(lab));
    await expect.poll(() => editor(lab).inputValue(), { timeout: PATIENCE }).toMatch(/^model: tiny$/m);
  });

  it('a model in two files and examples that are dropped make one too', async () => {
    putFolder(at('two-files'), await sharded(model));
    const lab = await openLabPage({ experiment: twoSteps });
    await lab.says('This can run');
    await drop(lab.page, [at('two-files')], () => lab.says('Drop it here'));
    await lab.says('two-files is here, and chosen in step 1.');
    await drop(lab.page, [put('rows.jsonl', pairs)]);
    await lab.says('rows.jsonl is the task now, in step 2.');
    await lab.says('two-files: gpt2, 2 layers of 2 heads', own(lab));
    await lab.says('4 to find it on', own(lab));
    await lab.runToEnd();
    await lab.says(/^Circuit only, after 2 steps: 5 of 46 edges/, lab.panel('Circuit'));
    expect(await said(lab)).toEqual([]);
  });

  describe('what is wrong is said once, in a sentence with what to do, and the page goes on', () => {
    let lab: LabPage;
    beforeAll(async () => {
      lab = await openLabPage({ experiment: twoSteps });
      await lab.says('This can run');
    });
    const badModel = (name: string, change: (files: Files) => unknown): string => {
      const files = new Map(model);
      change(files);
      return putFolder(at(name), files);
    };
    const cutTo = (size: number) => (files: Files) =>
      files.set('model.safetensors', model.get('model.safetensors')!.slice(0, size));
    const otherConfig = (json: object) => (files: Files) =>
      files.set('config.json', bytes(JSON.stringify({ ...tinyConfig, ...json })));

    it.each<[what: string, make: () => string, says: string]>([
      [
        'a text file',
        () => put('notes.txt', 'hello'),
        'notes.txt cannot be opened here. This page opens run folders and zips of them, model folders (config.json, ' +
          'model.safetensors, tokenizer.json), tasks (.jsonl) and experiments (.yaml).',
      ],
      [
        'a model without its config',
        () => badModel('no-config', (files) => files.delete('config.json')),
        'no-config: must be a Hugging Face model folder with config.json and model.safetensors, got no config.json. ' +
          'Give the folder that a model was saved or downloaded to.',
      ],
      [
        'a model without its weights',
        () => badModel('no-weights', (files) => files.delete('model.safetensors')),
        'no-weights: must hold model.safetensors or model.safetensors.index.json, got neither. ' +
          'Download the model again.',
      ],
      [
        'weights that were cut off',
        () => badModel('cut', cutTo(9000)),
        'the file is cut off. Download or copy the file again.',
      ],
      [
        'weights of which little came',
        () => badModel('cut-early', cutTo(100)),
        'must lie inside the file, got a file of 100 bytes. Download or copy the file again.',
      ],
      [
        'a model of another kind',
        () => badModel('bert', otherConfig({ model_type: 'bert' })),
        'bert/config.json model_type: must be one of gpt2, llama, mistral, qwen2, got "bert". ' +
          'Take a model of one of these families.',
      ],
      [
        'weights of another model',
        () => badModel('other', otherConfig({ n_inner: 48 })),
        'model.safetensors transformer.h.0.mlp.c_fc.weight: must be [16, 48], got [16, 32]. ' +
          'Take a config.json and weights that belong together.',
      ],
      [
        'a zip that is none',
        () => put('notes.zip', 'hello'),
        'notes.zip: must be a whole zip file, got another kind of file. Save it from the page once more, or copy it again.',
      ],
      [
        'a zip that is no run',
        () => put('other.zip', zipSync({ 'notes.txt': bytes('hello') })),
        'other.zip: must hold one run of circuit-tuning, with its events.jsonl, got none. ' +
          'Open the folder that `circuit-tuning run --out` wrote, or a zip that this page saved.',
      ],
    ])('%s', async (_, make, says) => {
      await drop(lab.page, [make()]);
      // the cure stands in a line of its own at the top of the page
      await expect.poll(async () => (await said(lab)).join(), { timeout: PATIENCE }).toContain(says);
      expect(await said(lab)).toHaveLength(1);
      expect(await lab.button('Run this').isEnabled()).toBe(true);
    });

    it('files that are no model, where a model is asked for', async () => {
      const files = step(lab, 'Model').getByLabel(/^The files of such a folder/);
      await files.setInputFiles(put('notes.txt', 'hello'));
      await lab.says(
        /^my-model: must be a Hugging Face model folder .* got no config\.json\. Give/,
        step(lab, 'Model'),
      );
      await step(lab, 'Model')
        .getByRole('radio', { name: /^The built-in/ })
        .focus();
    });

    it.each<[what: string, content: string, line: number, says: RegExp]>([
      [
        'a pair of different lengths',
        pairs.replace('"the dog"', '"the dog under"'),
        1,
        /same number of tokens.*got 2 and 3 tokens.*Reword the shorter side/,
      ],
      [
        'rows that are no JSON',
        `${pairs}the dogs were\n`,
        5,
        /one whole JSON object, got "the dogs were"\. Put every object on a line of its own/,
      ],
    ])('a task with %s', async (_, content, line, says) => {
      const name = `line-${line}.jsonl`;
      await drop(lab.page, [put(name, content)]);
      const error = step(lab, 'Task').getByRole('alert');
      await lab.says(says, error);
      await lab.says(`${name} line ${line}`, error);
      // and where the text names the file
      expect(await lab.button('Run this').isEnabled()).toBe(false);
      await lab.click('↶ Undo', own(lab));
      await lab.says('This can run');
    });

    it('an unknown key, at its line', async () => {
      await editor(lab).fill(twoSteps.replace('every: 1', 'evry: 1'));
      await lab.says(
        /^experiment: tuning\.evry: must be a known key .* got "evry"\. Did you mean "every"\?$/,
        own(lab),
      );
      await lab.click('Line 5', own(lab));
      expect(await editor(lab).evaluate((area: HTMLTextAreaElement) => area.selectionStart)).toBe(
        twoSteps.split('\n').slice(0, 4).join('\n').length + 1,
      );
      await editor(lab).fill(twoSteps);
      await lab.says('This can run');
    });

    it('a run one of whose circuits is damaged is shown without it', async () => {
      mkdirSync(at('damaged'));
      syntheticRun(at('damaged'), { methods: ['circuit'], steps: 24 });
      const path = 'circuits/circuit/step-000008.json';
      writeFileSync(at(`damaged/${path}`), '{"cfg": {');
      await drop(lab.page, [at('damaged')]);
      await lab.says(new RegExp(`^agreement: \\d circuits\\. ${path} is damaged\\.$`));
      await lab.page.getByRole('application', { name: /: 60 edges/ }).waitFor();
      expect(await said(lab)).toEqual([]);
    });

    it('and after all of it an experiment runs to its end', async () => {
      await lab.runToEnd();
      await lab.says(/^mine · done$/);
    });
  });

  it('a model that is too big for the adapter is refused before it is uploaded', async () => {
    putFolder(at('wide'), await wideModel());
    const lab = await openLabPage({ experiment: twoSteps, prepare: smallAdapter });
    await lab.says('This can run');
    await drop(lab.page, [at('wide')]);
    const problem = /W_in: a tensor must fit one binding of this adapter \(8\.0 MiB\), got .* take a smaller one/;
    await lab.says(problem, own(lab));
    await lab.click('Run this', own(lab));
    await lab.says(problem, lab.page.getByRole('alert'));
    await step(lab, 'Model')
      .getByRole('radio', { name: /^The built-in/ })
      .check();
    await lab.runToEnd();
  });
});

/** What alerts say, without their buttons. */
const said = async (lab: LabPage): Promise<string[]> =>
  (await lab.page.getByRole('alert').allInnerTexts())
    .map((text) => text.replace(/\s*Put away$/, '').replace(/\s*\n+\s*/g, ' '))
    .filter((text) => text !== '');

/** One with 8 MiB to a binding, as far as the worker can tell. */
const smallAdapter = async (context: BrowserContext): Promise<void> => {
  await context.route('**/worker.js', async (route) => {
    const response = await route.fetch();
    const script = `for (const name of ['maxStorageBufferBindingSize', 'maxBufferSize'])
      Object.defineProperty(GPUSupportedLimits.prototype, name, { enumerable: true, get: () => 8 * 2 ** 20 });\n`;
    await route.fulfill({ response, body: script + (await response.text()) });
  });
};
