/** What `--memory` and `inspect` plan for each command, beside what the command then takes of a device. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test, vi } from 'vitest';
import { stringify } from 'yaml';
import type { MemoryUse } from '@circuit-tuning/core';
import type { Gpu } from '../src/gpu.js';
import { pairs, workplace, type Workplace } from './tiny.js';
import { json, on, type } from './typed.js';

/** The most bytes of buffers alive at once, without those that only carry numbers back to the host. */
const held = vi.hoisted(() => ({ now: 0, peak: 0 }));

// One device for all commands, so that kernels are compiled once; it counts what is made on it.
vi.mock('../src/gpu.js', async (original) => {
  const actual = await original<typeof import('../src/gpu.js')>();
  let opened: Promise<Gpu> | undefined;
  const counted = async (): Promise<Gpu> => {
    const gpu = await actual.openGpu();
    const make = gpu.device.createBuffer.bind(gpu.device);
    gpu.device.createBuffer = (descriptor) => {
      const buffer = make(descriptor);
      let bytes = descriptor.usage & 1 ? 0 : descriptor.size;
      held.peak = Math.max(held.peak, (held.now += bytes));
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        held.now -= bytes;
        bytes = 0;
        destroy();
      };
      return buffer;
    };
    return { ...gpu, dispose: () => {} };
  };
  return { ...actual, openGpu: () => (opened ??= counted()) };
});

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20 };

/** Runs it within a budget that it does not reach: what it said that it would take, and what it took. */
async function taken(...argv: string[]): Promise<{ said: number; took: number }> {
  held.peak = held.now;
  const before = held.now;
  const { code, err } = await type(...argv, '--memory', '1GiB');
  expect(code, `${argv.join(' ')}: ${err}`).toBe(0);
  const [, number, unit] = /^memory: (\d+) (KiB|MiB) planned, of 1024 MiB \(--memory\)$/m.exec(err)!;
  return { said: Number(number) * UNITS[unit!]!, took: held.peak - before };
}

/** Command lines by what `inspect` calls them, where it plans them too. */
function linesAt(place: Workplace): Readonly<Record<string, readonly string[]>> {
  const out = (name: string): string[] => ['--out', place.at(name)];
  const discover = (name: string, ...more: string[]) => ['discover', ...on(place), ...batch, ...out(name), ...more];
  const stability = (name: string, ...more: string[]) => ['stability', ...on(place), ...batch, ...out(name), ...more];
  const tune = (name: string, ...more: string[]) => ['tune', ...on(place), ...batch, ...edges, ...out(name), ...more];
  const evaluate = (...more: string[]) => ['evaluate', ...on(place), ...batch, ...more];
  const circuit = (...more: string[]) =>
    evaluate('--circuit', place.at('found/graph.json'), '--controls', '1', ...more);
  const analyze = (...more: string[]) => ['analyze', place.at('tuned'), '--checkpoints', ...more, ...batch];
  return {
    discover: discover('found'),
    'discover --nodes --by-position end --per-example': discover('parts', '--nodes', '--by-position', 'end', '--per-example'), // prettier-ignore
    'discover --method exact --nodes': discover('exact', '--method', 'exact', '--nodes'),
    'discover --select stable': discover('stable', '--select', 'stable', '--top-n', '40'),
    stability: stability('stability'),
    'stability --vary': stability('varied', '--vary', 'ablation=mean', '--vary', 'method=EAP-IG-inputs', '--folds', '4'), // prettier-ignore
    evaluate: evaluate(),
    'evaluate --prejudice': evaluate('--prejudice', '--metric', 'nll'),
    'evaluate --circuit': circuit(),
    'evaluate --circuit --exact': circuit('--exact'),
    'evaluate --circuit --curve': circuit('--curve', '--completeness', '--minimality', '0.1', '--sample', '2'),
    'evaluate --circuit --ablation mean': circuit('--ablation', 'mean'),
    tune: tune('tuned', '--steps', '4', '--every', '2'),
    'tune --every 1': tune('every', '--steps', '3', '--every', '1', '--optimizer', 'adamw', '--accumulation', '2'),
    'tune --method full': tune('full', '--method', 'full', '--steps', '2'),
    'tune --method lora': tune('lora', '--method', 'lora', '--steps', '2'),
    'tune --method fixed': tune('fixed', '--method', 'fixed', '--steps', '2'),
    generate: ['generate', '--model', place.model, '--tokens', '1,2,3', '--max-tokens', '3'],
    'analyze --checkpoints': analyze('all'),
    'analyze --checkpoints --upstream': analyze('0', '--upstream', 'a1.h0'),
    run: ['run', place.at('all.yaml'), ...out('run')],
  };
}

const batch = ['--batch-size', '4'];
/** Of 46 and of 90: what a handful of edges tunes, nobody knows before they are found. */
const edges = ['--top-n', '30'];

/** All that an experiment can ask for. */
const everything = ({ model, task, text }: Workplace): string =>
  stringify({
    model,
    data: { task, keep: { text }, prejudice: { pairs: task } },
    discovery: { top_n: 40, batch_size: 4, nodes: true, by_position: 'kind', per_example: true },
    stability: { folds: 4, vary: { ablation: ['mean'] }, resamples: 400 },
    tuning: { steps: 2, every: 1, batch_size: 4, methods: ['lora', 'circuit', 'random'] },
    evaluation: { batch_size: 4, completeness: true, exact: true, controls: 1 },
  });

describe.each(['gpt2', 'llama'] as const)('the memory of a tiny %s', (family) => {
  let place: Workplace;
  beforeAll(async () => {
    place = await workplace(family);
    const rows = pairs(16).trim().split('\n');
    writeFileSync(place.task, rows.map((row, i) => `${row.slice(0, -1)}, "group": "${i % 4}"}\n`).join(''));
    writeFileSync(place.at('all.yaml'), everything(place));
  });
  afterAll(() => place.remove());
  afterEach(() => vi.restoreAllMocks());

  it('is planned within a tenth for every command', async () => {
    const inspected = json(await type('inspect', place.model, ...batch, ...edges, '--length', '6', '--json'))['memory'];
    const planned = new Map(Object.entries(inspected as Record<string, MemoryUse>));
    const off: Record<string, number> = {};
    const tell = (what: string, said: number, took: number): void => {
      if (Math.abs(said / took - 1) > 0.1) off[what] = said / took;
    };
    for (const [line, argv] of Object.entries(linesAt(place))) {
      const { said, took } = await taken(...argv);
      tell(line, said, took);
      const foretold = planned.get(line)?.total;
      if (foretold !== undefined) tell(`inspect: ${line}`, foretold, took);
      planned.delete(line);
    }
    expect(off).toEqual({});
    // of answers that it writes, see below
    expect([...planned.keys()]).toEqual(['evaluate --grade']);
  });
});

test('the memory of answers that a model writes is planned within a tenth', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'memory-'));
  const task = join(folder, 'rows.jsonl');
  const rows = Array.from({ length: 10 }, (_, i) => ({ clean: `say${' kol mip nib oss qua'.slice(0, 4 * (i % 6))} :`, answers: [' kol'] })); // prettier-ignore
  writeFileSync(task, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const grade = ['evaluate', '--model', 'embedded', '--task', task, '--grade', 'exact', '--max-new-tokens', '8', ...batch]; // prettier-ignore
  const { said, took } = await taken(...grade);
  expect(Math.abs(said / took - 1)).toBeLessThan(0.1);
  const memory = json(await type('inspect', 'embedded', ...batch, '--length', '16', '--json'))['memory'];
  const { total } = (memory as Record<string, MemoryUse>)['evaluate --grade']!;
  expect(Math.abs(total / took - 1)).toBeLessThan(0.1);
  rmSync(folder, { recursive: true });
});
