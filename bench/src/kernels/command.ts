/**
 * `pnpm bench kernels <op or kernel> [--size M=256,N=64,K=64] [--json]`: times each variant of an op beside the naive one,
 * in one run, and keeps the numbers in bench/results/<adapter>.json.
 */
import { parseArgs } from 'node:util';
import type { KernelCase, Size } from '@circuit-tuning/core';
import { openGpu } from '@circuit-tuning/testkit';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import { measure } from './measure.js';
import { keep, rowOf, table, title, type Row } from './report.js';
import { sizesOf } from './sizes.js';

/** @returns the exit code */
export async function kernels(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, size: { type: 'string' } },
  });
  const [wanted = ''] = positionals;
  const variants = all.filter(({ name, op }) => name === wanted || op.name === wanted);
  const op = variants[0]?.op;
  if (!op) {
    const names = [...new Set(all.map((kernel) => kernel.op.name))];
    console.error(`bench kernels: needs an op or a kernel, got '${wanted}'. There are ${names.join(', ')}.`);
    return 1;
  }
  const size = values.size === undefined ? undefined : parseSize(values.size);
  if (size === null) {
    console.error(`bench kernels: --size takes letters with numbers, as in M=256,N=64,K=64, got '${values.size}'.`);
    return 1;
  }
  const own = variants.flatMap(({ cases }) => cases);
  const cases: KernelCase[] = size ? [{ dims: size }] : [...own, ...sizesOf(op.name)];
  const naive = all.find(({ name }) => name === op.name);

  const gpu = await openGpu({ exactTimestamps: true });
  const rows: Row[] = [];
  for (const aCase of new Map(cases.map((it) => [title(it), it])).values())
    for (const pass of ['forward', 'backward'] as const) {
      const plain = naive && (await measure(gpu, all, naive, aCase, pass));
      for (const kernel of new Set([...(naive ? [naive] : []), ...variants])) {
        const timing = kernel === naive ? plain : await measure(gpu, all, kernel, aCase, pass);
        if (timing) rows.push(rowOf(kernel, pass, aCase, timing, kernel === naive ? undefined : plain));
      }
    }
  gpu.dispose();

  const adapter = gpu.info.name;
  console.log(values.json ? JSON.stringify({ adapter, rows }, null, 2) : table(adapter, rows));
  const untimed = variants.map(({ name }) => name).filter((name) => !rows.some(({ kernel }) => kernel === name));
  if (untimed.length > 0) console.error(`not for this adapter, or not for these sizes: ${untimed.join(', ')}`);
  if (!size) console.error(`kept in ${keep(adapter, op.name, rows)}`);
  return 0;
}

function parseSize(text: string): Size | null {
  const parts = text.split(',').map((part) => /^(\w+)=(\d+)$/.exec(part));
  return parts.every((part) => part !== null)
    ? Object.fromEntries(parts.map((part) => [part[1], Number(part[2])]))
    : null;
}
