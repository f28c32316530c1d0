/** What people see: numbers, tables, bars, and how commands end. */
import { CommanderError } from 'commander';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LimitError, TaskError, type RunEvent } from '@circuit-tuning/core';
import { exitCodeOf, kebab, messageOf } from '../src/exit.js';
import { Interrupted, interruptible } from '../src/interrupt.js';
import { bar, createProgress, duration } from '../src/progress.js';
import { methodsTable, summarise } from '../src/summary.js';
import { bytes, number, percent, table } from '../src/table.js';

const facts = { where: 'task.jsonl line 3', rule: 'must be JSON', got: 'nothing', cure: 'Add it' };

describe('numbers', () => {
  it('have four digits, which is what a reader compares', () => {
    expect([1, 260_032, 0.123456, 12.3456, 12_345.678, 0.00001234, NaN, undefined].map(number)).toEqual([
      '1',
      '260,032',
      '0.1235',
      '12.35',
      '12,346',
      '1.234e-5',
      'NaN',
      '',
    ]);
    expect([0.5, -0.0001, undefined].map(percent)).toEqual(['50.0%', '0.0%', '']);
    expect([3, 2048, 5.5 * 2 ** 20, 2 ** 40].map(bytes)).toEqual(['3 B', '2 KiB', '5.5 MiB', '1 TiB']);
    expect([3.2, 61, 7260].map(duration)).toEqual(['3 s', '1 min 1 s', '2 h 1 min']);
  });

  it('stand below each other in tables', () => {
    expect(
      table(
        ['name', 'value'],
        [
          ['a', '1'],
          ['longer', '10,000'],
        ],
      ),
    ).toBe('name     value\n──────  ──────\na            1\nlonger  10,000\n');
  });
});

describe('progress', () => {
  it('is a bar on a terminal', () => {
    expect(bar(6, 12)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)} 6/12`);
    expect(bar(13, 12)).toMatch(/^█{24} 13/);
  });

  it('is a line for each piece of work elsewhere', () => {
    const lines: string[] = [];
    const progress = createProgress({
      isTTY: false,
      write: (line: string) => lines.push(line),
    } as unknown as NodeJS.WriteStream);
    progress.update('measuring', 1, 2);
    progress.update('measuring', 2, 2);
    progress.say('a word');
    progress.update('tuning', 1, 2, 'loss 1');
    progress.stop();
    expect(lines).toEqual(['measuring ...\n', 'a word\n', 'tuning ...\n']);
  });
});

describe('the end of a command', () => {
  it('says whose fault it was: 2 for input, 1 for the rest, 130 for Ctrl-C', () => {
    const help = new CommanderError(0, 'commander.help', 'help');
    const unknown = new CommanderError(1, 'commander.unknownOption', 'unknown');
    const errors = [
      new TaskError(facts),
      new LimitError(facts),
      new Error('a bug'),
      new Interrupted('x'),
      help,
      unknown,
    ];
    expect(errors.map(exitCodeOf)).toEqual([2, 1, 1, 130, 0, 2]);
  });

  it('is one sentence, with the stack only where it is asked for', () => {
    expect(messageOf(new TaskError(facts), false)).toBe(
      'error: task.jsonl line 3: must be JSON, got nothing. Add it.\n',
    );
    expect(messageOf(new TaskError(facts), true)).toContain('\n    at ');
    expect(messageOf(new TypeError('a bug'), false)).toBe('error: a bug\nDEBUG=1 shows where it happened\n');
  });

  it('takes snake_case flags for kebab-case ones, and leaves values alone', () => {
    expect(kebab(['tune', '--batch_size', 'a_b', '--top_n=x_y', '--set', 'tuning.top_n=1', '--', '--a_b'])).toEqual([
      'tune',
      '--batch-size',
      'a_b',
      '--top-n=x_y',
      '--set',
      'tuning.top_n=1',
      '--',
      '--a_b',
    ]);
  });
});

describe('Ctrl-C', () => {
  afterEach(() => vi.restoreAllMocks());

  it('aborts the signal at first, ends the process at the second, and is nobody else’s afterwards', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const before = process.listenerCount('SIGINT');
    const said: string[] = [];
    const ended = interruptible(
      (line) => said.push(line),
      async (signal) => {
        process.emit('SIGINT');
        expect(exit).not.toHaveBeenCalled();
        process.emit('SIGINT');
        signal.throwIfAborted();
      },
    );
    await expect(ended).rejects.toThrow(Interrupted);
    expect(exit).toHaveBeenCalledWith(130);
    expect(said[0]).toBe('stopping after this step; Ctrl-C again to stop at once');
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});

describe('what came of a run', () => {
  const kept = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { nll: 0.7, perplexity: 2 }]));
  const events = (...names: string[]): RunEvent[] => [
    { t: 0, kind: 'metric', step: 0, target: { value: 6.5, accuracy: 1 }, keep: kept(...names) },
    {
      t: 9,
      kind: 'metric',
      step: 4,
      method: 'circuit',
      target: { value: -3.25, accuracy: 0.25 },
      keep: kept(...names),
    },
    { t: 9, kind: 'done', method: 'circuit', moved: 1200, tuned_max: 1300, steps: 4, seconds: 61 },
  ];

  it('is one line a method, with the base above them', () => {
    expect(methodsTable(summarise(events('text'), 'logit_diff'))).toBe(
      [
        'method      logit_diff  accuracy  perplexity of text  parameters moved  steps       time',
        '──────────  ──────────  ────────  ──────────────────  ────────────────  ─────  ─────────',
        'base model         6.5    100.0%                   2                 0      0',
        'circuit          -3.25     25.0%                   2             1,200      4  1 min 1 s',
        '',
      ].join('\n'),
    );
  });

  it('has a table of its own for many perplexities, so that lines stay short', () => {
    const text = methodsTable(summarise(events('copy', 'recall', 'gender'), 'logit_diff'));
    expect(text).toContain('\n\nperplexity of  copy  recall  gender\n');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThan(80);
  });
});
