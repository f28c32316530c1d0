/** Runs the cells of a sweep one by one, each into a run folder of its own, and gathers their table after each group. */
import {
  chooseRate,
  DivergenceError,
  type CellResult,
  type Experiment,
  type GroupResult,
  type SweepCell,
  type SweepGroup,
  type SweepPlan,
  type Tried,
} from '@circuit-tuning/core';
import { openNodeModel, type NodeModel } from '../nodeModel.js';
import { prepare } from '../prepare.js';
import { runInFolder } from '../runInFolder.js';
import type { SweepFolder } from './sweepFolder.js';
import { writeTables } from './writeTables.js';

export interface RunSweepOptions {
  readonly folder: SweepFolder;
  readonly argv: readonly string[];
  readonly signal: AbortSignal;
  readonly onProgress: (what: string, done: number, of: number) => void;
  readonly say: (line: string) => void;
}

export async function runSweep(plan: SweepPlan, options: RunSweepOptions): Promise<GroupResult[]> {
  const { folder, say } = options;
  const device = new Device();
  const results: GroupResult[] = [];
  const all = plan.groups.length * ((plan.search?.grid.length ?? 0) + plan.seeds.length);
  let at = 0;
  const run = async (place: string, cell: SweepCell): Promise<CellResult> => {
    at++;
    const name = `${place}/${cell.id}`;
    const before = await folder.state(name);
    if (before.is === 'finished') return { seed: cell.seed, ...(before.outcome && { outcome: before.outcome }) };
    options.signal.throwIfAborted();
    say(`${at}/${all} ${name}${before.is === 'begun' ? ' goes on' : ''}`);
    await runCell(cell.experiment, name, before.is === 'begun', device, options);
    const after = await folder.state(name);
    return { seed: cell.seed, ...(after.is === 'finished' && after.outcome && { outcome: after.outcome }) };
  };
  try {
    for (const group of plan.groups) {
      results.push(await runGroup(plan, group, run));
      await writeTables(plan, results, folder);
    }
  } finally {
    device.dispose();
  }
  return results;
}

async function runGroup(
  { search }: SweepPlan,
  group: SweepGroup,
  run: (place: string, cell: SweepCell) => Promise<CellResult>,
): Promise<GroupResult> {
  const tried: Tried[] = [];
  for (const candidate of group.tries) {
    const { outcome } = await run('rates', candidate);
    tried.push({ rate: candidate.rate, ...(outcome && { outcome }) });
  }
  const rate = search && (chooseRate(tried, search) ?? Math.min(...search.grid));
  const cells: CellResult[] = [];
  for (const cell of group.cells(rate)) cells.push(await run('cells', cell));
  return { values: group.values, ...(rate !== undefined && { learning_rate: rate, tried }), cells };
}

async function runCell(
  experiment: Experiment,
  name: string,
  isResumed: boolean,
  device: Device,
  { folder, argv, signal, onProgress }: RunSweepOptions,
): Promise<void> {
  const prepared = await prepare(experiment);
  if (!isResumed) await folder.clear(name);
  try {
    const opened = await device.open(prepared.base, experiment, onProgress);
    for await (const _ of runInFolder(prepared, { out: folder.at(name), argv, isResumed, signal, onProgress, opened }));
  } catch (error) {
    if (!(error instanceof DivergenceError)) throw error;
    await folder.tellDiverged(name, error.message);
  }
  await folder.dropCheckpoints(name);
}

/** One device with its compiled kernels for as long as cells ask for the same model in the same graph. */
class Device {
  #opened: NodeModel | undefined;
  #key = '';

  async open(
    base: NodeModel['base'],
    { model, discovery, precision, dtype }: Experiment,
    onProgress: RunSweepOptions['onProgress'],
  ): Promise<NodeModel> {
    // scores of another graph have another size, and what a session keeps goes by name
    const { top_n: _topN, ...rest } = discovery;
    const key = JSON.stringify([model, precision, dtype, rest]);
    if (this.#opened && key === this.#key) return this.#opened;
    this.dispose();
    this.#opened = await openNodeModel(base, {
      precision,
      dtype,
      onProgress: (done, of) => onProgress('loading the model', done, of),
    });
    this.#key = key;
    return this.#opened;
  }

  dispose(): void {
    this.#opened?.dispose();
    this.#opened = undefined;
  }
}
