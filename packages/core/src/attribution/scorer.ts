/** The programs that score a batch by a method of gradients: one, or one for the deltas and one for each source that is moved. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Handed } from '../plan/plan.js';
import type { Fetched, Program } from '../run/program.js';
import type { Inputs } from '../task/feed.js';
import type { Ablation } from './ablation.js';
import type { Way } from './attributionMethods.js';
import { deltaGraph, deltaName } from './deltas.js';
import type { Forward } from '../tuning/forward.js';
import type { Nodes } from '../circuit/nodes.js';
import type { ReadoutGraph } from '../model/readoutGraph.js';
import { AWAY, INPUT, scoreGraph, type Moved } from './scoreGraph.js';
import type { ScoreShape } from './scoredRows.js';
import { bindingOf } from './sourceBlocks.js';

export interface Scorer {
  /** What `run` adds to the total of an edge is the sum of so many scores. */
  readonly addends: number;
  /** Runs of a program that score a batch. */
  readonly runs: number;
  /** Adds the scores of a batch to the totals; fetches what its metric is read off, on the clean side. */
  run(inputs: Inputs, onRun: (done: number) => void): Promise<Fetched>;
}

export interface ScorerOptions {
  readonly nodes: Nodes;
  readonly B: number;
  readonly T: number;
  readonly shape: ScoreShape;
  readonly ablation: Ablation;
  /** Of the states that hold the totals. */
  readonly prefix: string;
  /** Unless given, gradients are taken on the clean side alone; `away` are the points, see awayOf. */
  readonly way?: Way & { readonly away: readonly number[] };
  /** Means that ablate are those of the batch, taken on the way. */
  readonly isOwnMean: boolean;
  /** Bytes for blocks of deltas. */
  readonly bytes: number | undefined;
  /** What a step takes over; of a `way` none. */
  readonly keep: Forward | undefined;
}

export async function scorerOf(
  model: DeviceModel,
  { nodes, B, T, shape, ablation, prefix, way, isOwnMean, bytes, keep }: ScorerOptions,
): Promise<Scorer> {
  const architecture = model.architecture({ B, T }, nodes.mlpGroups);
  const compiled = (what: string, build: () => ReadoutGraph & Handed): Promise<Program> =>
    model.program(JSON.stringify([prefix, B, T, shape, ablation, what, isOwnMean, bytes]), build);
  const room = { binding: bindingOf(model.session.capabilities), ...(bytes !== undefined && { bytes }) };
  const how = { ablation, prefix, room };
  if (!way) {
    const program = await compiled(keep ? `clean, kept as ${keep.prefix}` : 'clean', () => {
      const built = scoreGraph(nodes, architecture, shape, { ...how, isOwnMean });
      return { ...built, ...(keep && { keep: keep.in(built.graph, 'clean.') }) };
    });
    const run: Scorer['run'] = async (inputs, onRun) => {
      const fetched = await program.run(inputs);
      onRun(1);
      return fetched;
    };
    return { addends: 1, runs: 1, run };
  }
  const ends = await compiled('ends', () => deltaGraph(nodes, architecture, shape, { ...how, isOwnMean }));
  const moves: readonly Moved[] =
    way.moved === 'input'
      ? [{ source: INPUT, scored: nodes.sourceGroups }]
      : nodes.sourceGroups.map((source) => ({ source, scored: way.counts === 'own' ? [source] : nodes.sourceGroups }));
  const programs: Program[] = [];
  for (const moved of moves) {
    const what = `${way.moved} for ${way.counts}: ${moved.source.at}${moved.source.layer}`;
    programs.push(await compiled(what, () => scoreGraph(nodes, architecture, shape, { ...how, moved })));
  }
  const { away } = way;
  const runs = 1 + programs.length * away.length;
  const length = shape.pooled ?? shape.rows ?? B * T;
  const run: Scorer['run'] = async (inputs, onRun) => {
    model.session.clear(...nodes.sourceGroups.map((group) => deltaName(prefix, length, group)));
    const fetched = await ends.run(inputs);
    let done = 1;
    onRun(done);
    for (const program of programs)
      for (const share of away) {
        await program.run({ ...inputs, [AWAY]: Float32Array.of(share) });
        onRun(++done);
      }
    return fetched;
  };
  // Where the points of all layers count, an edge has the mean over them.
  const addends = away.length * (way.counts === 'own' ? 1 : programs.length);
  return { addends, runs, run };
}
