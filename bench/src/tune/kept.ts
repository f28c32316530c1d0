/**
 * What has been raced on an adapter, in bench/results/tune-<adapter>.json: written after every call, so that a run that is
 * stopped keeps what it has and the next goes on from there.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doublings, type Size } from '@circuit-tuning/core';
import { kernels as all } from '@circuit-tuning/kernels-wgsl';
import type { Work } from '../kernels/work.js';
import { fileNameOf, resultsFolder } from '../kernels/results.js';
import { operationsOf, isAlike } from './calls.js';
import { HOPELESS, type Lap, type Raced } from './race.js';

export interface KeptCall extends Raced {
  readonly op: string;
  readonly pass: 'forward' | 'backward';
  readonly dims: Size;
  readonly operations: number;
  /** Kernels that were not run, for they had fallen far behind before. */
  readonly dropped: readonly string[];
  /** Of the text and rank of all variants: with another it is raced again. */
  readonly hash: string;
}

export class Kept {
  readonly file: string;
  #calls: readonly KeptCall[];

  /** @param forgotten ops of which nothing that is in the file counts */
  constructor(
    readonly adapter: string,
    forgotten: ReadonlySet<string>,
  ) {
    this.file = join(resultsFolder, `tune-${fileNameOf(adapter)}.json`);
    const found = existsSync(this.file) ? (JSON.parse(readFileSync(this.file, 'utf8')) as Stored).calls : [];
    this.#calls = found.filter(({ op, hash }) => !forgotten.has(op) && hash === hashOf(op));
  }

  get calls(): readonly KeptCall[] {
    return this.#calls;
  }

  isKnown = ({ op, pass, case: { dims } }: Work): boolean =>
    this.#calls.some((it) => it.op === op && it.pass === pass && isAlike(it.dims, dims));

  /**
   * Kernels that fell far behind at the nearest sizes with fewer operations: mostly the readable one, which takes seconds
   * where others take milliseconds.
   */
  hopeless({ op, pass, case: aCase }: Work): ReadonlySet<string> {
    const most = operationsOf({ op, case: aCase });
    const [nearest] = this.#calls
      .filter((it) => it.op === op && it.pass === pass && it.operations < most)
      .toSorted((a, b) => doublings(a.dims, aCase.dims) - doublings(b.dims, aCase.dims));
    if (!nearest) return new Set();
    const fastest = Math.min(...Object.values(nearest.laps).map(({ ms }) => ms));
    const slow = Object.entries(nearest.laps).filter(([, { ms }]) => ms > HOPELESS * fastest);
    return new Set([...nearest.dropped, ...slow.map(([name]) => name)]);
  }

  /** What was raced once more: of each kernel the faster race. */
  again(call: KeptCall, raced: Raced): void {
    const laps = Object.entries(call.laps).map(([name, lap]): [string, Lap] => {
      const other = raced.laps[name] ?? lap;
      const [ms, deviceMs] = [Math.min(lap.ms, other.ms), Math.min(lap.deviceMs, other.deviceMs)];
      return [name, { ...lap, ms, deviceMs }];
    });
    this.#calls = this.#calls.map((it) => (it === call ? { ...it, laps: Object.fromEntries(laps) } : it));
    this.#write();
  }

  add({ op, pass, case: aCase }: Work, raced: Raced, dropped: ReadonlySet<string>): void {
    const about = { op, pass, dims: aCase.dims, operations: operationsOf({ op, case: aCase }), hash: hashOf(op) };
    this.#calls = [...this.#calls, { ...about, ...raced, dropped: [...dropped] }];
    this.#write();
  }

  #write(): void {
    mkdirSync(resultsFolder, { recursive: true });
    const stored: Stored = { adapter: this.adapter, calls: this.#calls };
    writeFileSync(this.file, `${JSON.stringify(stored, null, 2)}\n`);
  }
}

interface Stored {
  readonly adapter: string;
  readonly calls: readonly KeptCall[];
}

function hashOf(op: string): string {
  const variants = all.filter((kernel) => kernel.op.name === op);
  const texts = variants.map(({ name, rank, leastFlops, wgsl }) => [name, rank, leastFlops, wgsl].join('\n'));
  return createHash('sha256').update(texts.join('\n')).digest('hex').slice(0, 12);
}
