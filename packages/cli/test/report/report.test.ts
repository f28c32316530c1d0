import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseEvents } from '@circuit-tuning/web/record';
import { writeReport } from '../../src/report/index.js';
import { readRun } from '../../src/report/readRun.js';
import { tellEvents } from '@circuit-tuning/web/record';
import { syntheticRun } from './syntheticRun.js';

let dir: string;
beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'report-'))));
afterEach(() => rmSync(dir, { recursive: true }));

/** Text of a report without its scripts and styles. */
const words = (html: string): string =>
  html
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
const report = async (): Promise<string> => readFileSync(await writeReport(dir), 'utf8');

describe('a report', () => {
  it('tells what was asked, what came of it, and which files hold the numbers', async () => {
    syntheticRun(dir);
    const text = words(await report());
    expect(text).toContain('Task agreement.jsonl, with good and bad answers swapped');
    expect(text).toContain('To be kept questions (questions.jsonl), relative clauses (relatives.jsonl)');
    expect(text).toContain('Circuit 60 edges, eap-ig graph, scored by EAP, metric logit_diff, patching ablation');
    expect(text).toContain('Adapter llvmpipe, vulkan, in software');
    expect(text).toContain('Begun 2025-01-02 03:04 UTC');
    expect(text).toMatch(
      /Tuning only the circuit took logit_diff from −2\.\d+ to 2\.\d+ \(right in 8 % of cases before, 93\.5 % after\) in 60 steps, moving [\d ]+ parameters; perplexity of questions from 3\.32 to 3\.45/,
    );
    for (const method of ['circuit', 'full', 'random', 'fixed'])
      expect(text).toMatch(new RegExp(`${method} −2\\.\\d+ → \\d\\.\\d+ 8 % → \\d\\d(\\.\\d)? %`));
    expect(text).toContain('circuits/after-full.json');
  });

  it.each([
    [
      '{"format":"circuit-tuning analysis 0"}',
      'analysis.json is of another version; `circuit-tuning analyze` writes it anew.',
    ],
    ['{', 'analysis.json could not be read: '],
  ])('leaves out an analysis that it cannot read: %s', async (text, note) => {
    syntheticRun(dir, { methods: ['circuit'] });
    writeFileSync(join(dir, 'analysis.json'), text);
    const run = await readRun(dir);
    expect(run.analysis).toBeUndefined();
    expect(run.notes).toContainEqual(expect.stringContaining(note));
  });

  it('is one file that asks for nothing else', async () => {
    syntheticRun(dir, { methods: ['circuit'] });
    const html = await report();
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(link|img|iframe|script)[^>]+(src|href)=/);
    // the chart library's licence travels with its code
    expect(html).toContain('Leon Sorokin');
    // the script element ends where it should
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.length).toBeLessThan(400_000);
  });

  it('is the same for the same run, also when it is written over an older one', async () => {
    syntheticRun(dir, { methods: ['circuit'] });
    const first = await report();
    expect(await report()).toBe(first);
  });

  it('of a run without tuning shows the base model, the circuit and its faithfulness', async () => {
    syntheticRun(dir, { methods: [] });
    const text = words(await report());
    expect(text).toContain(
      'Model target: logit_diff target: accuracy perplexity: questions perplexity: relative clauses base model −2.',
    );
    expect(text).toContain('Faithfulness as a table');
    expect(text).not.toContain('How it went');
    expect((await readRun(dir)).story.circuits!.circuits).toHaveLength(1);
  });

  it('warns where faithfulness divides by next to nothing', async () => {
    syntheticRun(dir, { methods: ['circuit'] });
    expect(words(await report())).not.toContain('Take care');
    const events = readFileSync(join(dir, 'events.jsonl'), 'utf8')
      .replaceAll('"ablated":-1}', '"ablated":2}')
      .replaceAll('"ablated":-1,', '"ablated":2,');
    writeFileSync(join(dir, 'events.jsonl'), events);
    expect(words(await report())).toContain('hardly differ (before tuning 2.10 and 2; after circuit 2.10 and 2)');
  });

  it('of a run that was cut off says what is missing and shows the rest', async () => {
    syntheticRun(dir, { isCutOff: true });
    const text = words(await report());
    expect(text).toContain('This run was interrupted; `--resume` goes on where it stopped.');
    expect(text).toContain('fixed stopped after step 30 of 60; its last measurement stands for the one after.');
    expect(text).toContain('1 line of events.jsonl could not be read; a run that was cut off leaves one.');
    const { story } = await readRun(dir);
    expect(story.circuitTitles).toMatchObject({
      before: 'Before tuning',
      circuit: 'After circuit',
      fixed: 'Found by fixed before step 1',
    });
  });

  it('does without the experiment, the manifest and a damaged circuit', async () => {
    syntheticRun(dir, { methods: ['circuit'] });
    rmSync(join(dir, 'experiment.yaml'));
    writeFileSync(join(dir, 'manifest.json'), '{');
    writeFileSync(join(dir, 'circuits/after-circuit.json'), '{"cfg":1}');
    const text = words(await report());
    expect(text).toContain('There is no experiment.yaml');
    expect(text).toContain('manifest.json could not be read');
    expect(text).toContain('circuits/after-circuit.json is no graph JSON and is left out.');
    // the circuit says which metric it was found for
    expect(text).toContain('target: logit_diff');
  });

  it('shows names from files as text', async () => {
    syntheticRun(dir, { methods: ['circuit'] });
    writeFileSync(join(dir, 'experiment.yaml'), 'name: "<img src=x onerror=alert(1)>"\nmodel: "</script><b>"\n');
    const html = await report();
    expect(html).not.toContain('<img');
    expect(html).toContain('&lt;/script&gt;&lt;b&gt;');
  });

  it('refuses a folder that is no run', async () => {
    await expect(writeReport(dir)).rejects.toThrow(
      `${dir}: must be the folder of a run, with events.jsonl or circuits in it, got an empty folder, or none. Give the folder that \`circuit-tuning run --out\` wrote.`,
    );
    writeFileSync(join(dir, 'a.txt'), '');
    await expect(writeReport(dir)).rejects.toThrow('got a folder of other files (a.txt)');
    expect(existsSync(join(dir, 'report.html'))).toBe(false);
  });
});

describe('events', () => {
  it('of a kind that is not known are passed over, and lines that are broken are counted', () => {
    const { events, unreadable } = parseEvents(
      '{"kind":"note"}\n\n{"kind":"step","method":"full","step":1}\nnot json\n{"kind":"step","method":"full","step":1,"loss":2,"t":1}\n',
    );
    expect(events).toMatchObject([{ kind: 'step', step: 1, loss: 2 }]);
    expect(unreadable).toBe(2);
  });

  it('that a resumed run repeats replace those before', () => {
    const step = (step: number, loss: number) => ({ kind: 'step', method: 'full', step, loss }) as const;
    const told = tellEvents(
      [step(1, 3), step(2, 9), step(3, 9), step(2, 2), step(3, 1)].map((one) => ({
        ...one,
        lr: undefined,
        tuned: undefined,
        grad_norm: undefined,
      })),
    );
    expect(told.methods[0]!.steps.map(({ loss }) => loss)).toEqual([3, 2, 1]);
  });

  it('about the base model hold for every method', () => {
    const { events } = parseEvents(
      '{"kind":"metric","step":0,"target":{"value":-1}}\n{"kind":"metric","method":"circuit","step":5,"target":{"value":2,"accuracy":null}}\n',
    );
    expect(tellEvents(events).methods).toMatchObject([
      {
        method: 'circuit',
        measured: [
          { step: 0, value: -1 },
          { step: 5, value: 2 },
        ],
      },
    ]);
  });

  it('with numbers that JSON cannot hold leave a gap', () => {
    const row = { edges: 10, clean: 1, circuit: 1, ablated: 1, faithfulness: null, random: [null, 0.5] };
    const { events, unreadable } = parseEvents(JSON.stringify({ kind: 'faithfulness', when: 'before', rows: [row] }));
    expect(unreadable).toBe(0);
    expect(tellEvents(events).faithfulness[0]!.rows[0]).toMatchObject({ faithfulness: Number.NaN, random: [0.5] });
  });
});
