/**
 * What a head depends on: each part before it (every head and MLP of the layers below) is ablated alone, everywhere, all
 * between recomputes, and two things are read of the head at the rows where answers are read:
 *
 *   change of attention   attention to the subject with the part ablated − as it is
 *   change of direct      z · W_O g with the part ablated − as it is,  g as in readHeads.ts
 *
 * The direction g, and with it the final norm's scale, is that of the whole model: what changes is what the head writes, and
 * not the ruler. A negative change says that the part helps the head to look at the subject, or to write the answer.
 *
 * The analysis of circuit-tuning (Li et al. 2025, https://arxiv.org/abs/2502.06106) reads attention after mean ablation;
 * running on with one part replaced is activation patching (Vig et al. 2020, https://arxiv.org/abs/2004.12265).
 */
import { isMean, takeMeans, type Ablation } from '../attribution/ablation.js';
import { nodesOf, type Nodes } from '../circuit/nodes.js';
import { ConfigError } from '../errors.js';
import type { DeviceModel } from '../model/deviceModel.js';
import type { Fetched } from '../run/program.js';
import { requirePairs, type Example } from '../task/example.js';
import { feedObjective, feedSide } from '../task/feed.js';
import { attentionOf, directOf, runCopies, type Head } from './ablatedCopies.js';
import { directionsOf } from './directParts.js';
import type { Estimate } from '../task/estimate.js';
import { ExampleSeries } from './exampleSeries.js';
import { subjectIn } from './headsAtSubject.js';
import { answersOf, rowsAt, type Answers } from './readHeads.js';
import { projectionGraph, readingGraph } from './readingGraphs.js';
import type { UpstreamShape } from './upstreamGraph.js';

/** What is read of a head, over examples: attention over those that have a subject. */
interface HeadValues {
  /** Share of attention on the subject. */
  readonly attention?: Estimate;
  /** Logits of good − bad that it writes straight. */
  readonly direct: Estimate;
}

/** How much of it another part makes: with the part ablated, less as it is. */
export interface Dependence extends HeadValues {
  readonly part: string;
}

export interface Upstream extends HeadValues {
  readonly head: string;
  readonly ablation: Ablation;
  readonly examples: number;
  readonly withSubject: number;
  /** In the order of the model. */
  readonly parts: readonly Dependence[];
}

export interface UpstreamOptions {
  /** As in `a2.h6`. */
  readonly heads: readonly string[];
  readonly ablation: Ablation;
  readonly batchSize: number;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Rows of one run at most, as in exact.ts. */
const MOST_ROWS = 2048;

/**
 * One for each of the heads. Costs about a pass over the examples for each part before the last of them.
 * @throws ConfigError for a head that is not there, or has nothing before it; TaskError as `readHeads`, and when patching is
 * asked of examples without a corrupted side of the same length.
 */
export async function readUpstream(
  model: DeviceModel,
  examples: readonly Example[],
  { heads: names, ablation, batchSize, onProgress }: UpstreamOptions,
): Promise<Upstream[]> {
  const nodes = nodesOf(model.config, { mlpBlock: 'whole' });
  const heads = [...new Set(names)].map((name) => headNamed(name, nodes));
  if (ablation === 'patching') requirePairs(examples, { positions: 'all' });
  const answers = answersOf(examples, batchSize);
  const { batch, rows } = answers[0]!;
  const batches = answers.map((it) => it.batch);
  if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const deepest = Math.max(...heads.map(({ layer }) => layer));
  // the embeddings are no part: without them nothing is left
  const parts = nodes.sourceGroups.filter(({ at, layer }) => at !== 'input' && layer < deepest);
  const sources = parts.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i));
  const perRun = Math.max(1, Math.min(Math.floor(MOST_ROWS / (batch.B * batch.T)) - 1, sources.length));
  const chunks = Array.from({ length: Math.ceil(sources.length / perRun) }, (_, i) =>
    sources.slice(i * perRun, (i + 1) * perRun),
  );
  const shape: UpstreamShape = {
    ablation,
    copies: 1 + perRun,
    answers: rows.M,
    layers: [...new Set(heads.map(({ layer }) => layer))].toSorted((a, b) => a - b),
    looks: examples.some((example) => subjectIn(example).length > 0),
  };
  const direct = new ExampleSeries();
  const attention = new ExampleSeries();
  for (const [i, answer] of answers.entries()) {
    const seen = await seenBy(model, answer);
    for (const [c, chunk] of chunks.entries()) {
      const got = await runCopies(model, nodes, answer, shape, chunk);
      const add = (series: ExampleSeries, { name }: Head, [whole = [], ...ablated]: readonly number[][]): void => {
        if (c === 0) series.add(name, whole);
        for (const [k, s] of chunk.entries())
          series.add(
            `${name} ${nodes.sources[s]}`,
            ablated[k]!.map((value, e) => value - whole[e]!),
          );
      };
      for (const head of heads) {
        const reading = { config: model.config, got, answer, head, copies: 1 + chunk.length };
        add(direct, head, directOf(reading, seen));
        if (shape.looks) add(attention, head, attentionOf(reading));
      }
      onProgress?.(i * chunks.length + c + 1, answers.length * chunks.length);
    }
  }
  const valuesOf = (name: string): HeadValues => {
    const looked = attention.estimate(name);
    return { ...(looked && { attention: looked }), direct: direct.estimate(name)! };
  };
  return heads.map(({ name, layer }) => ({
    head: name,
    ablation,
    examples: examples.length,
    withSubject: attention.count(name),
    ...valuesOf(name),
    parts: parts
      .filter((group) => group.layer < layer)
      .flatMap(({ first, count }) => nodes.sources.slice(first, first + count))
      .map((part) => ({ part, ...valuesOf(`${name} ${part}`) })),
  }));
}

function headNamed(name: string, { config }: Nodes): Head {
  const [, layer, h] = /^a(\d+)\.h(\d+)$/.exec(name) ?? [];
  const head = { name, layer: Number(layer), h: Number(h) };
  const { L, H } = config;
  if (!(head.layer < L && head.h < H))
    throw new ConfigError({
      where: `upstream ${name}`,
      rule: `must be a head of the model, a1.h0 to a${L - 1}.h${H - 1}`,
      got: 'none',
      cure: 'Take one that `analyze --checkpoints` lists',
    });
  if (head.layer === 0)
    throw new ConfigError({
      where: `upstream ${name}`,
      rule: 'must be a head with heads and MLPs before it',
      got: 'one of the first layer',
      cure: 'Take one from layer 1 on',
    });
  return head;
}

/** Of each answer row, the direction of good − bad as each channel of a layer's heads sees it: `seen3`, [A, H·E]. */
async function seenBy(model: DeviceModel, { batch, objective, rows }: Answers): Promise<Fetched> {
  const { B, T } = batch;
  const shape = { M: objective.M, P: objective.P, answers: rows.M, subjects: 0, isPaired: false };
  const reading = await model.program(JSON.stringify(['heads', B, T, shape]), () =>
    readingGraph(model.architecture({ B, T }), shape),
  );
  const got = await reading.run({
    ...feedSide('clean.', batch.clean),
    ...feedObjective(objective, B * T),
    ...rowsAt('answers', rows.clean, B * T),
  });
  const { scaled } = await directionsOf(model, got, rows);
  const projection = await model.program(JSON.stringify(['heads.seen', rows.M]), () =>
    projectionGraph(model.architecture(batch), rows.M, 0),
  );
  return projection.run({ direction: scaled });
}
