/** Scores of all edges over a task: batches through the score graph, summed on the device, averaged over examples. */
import type { DeviceModel } from '../model/deviceModel.js';
import type { Batch } from '../task/batch.js';
import type { Example } from '../task/example.js';
import { valueOf } from '../task/objective.js';
import { clearMeans, isMean, takeMeans } from './ablation.js';
import { wayOf } from './attributionMethods.js';
import { exactScores } from './exact.js';
import type { Nodes } from '../circuit/nodes.js';
import { readSites, totalName } from './readSites.js';
import type { Places } from './rowGroups.js';
import { meanScores, type AttributeOptions, type Scores } from './scores.js';
import { batchesOf, requireAsked, scoring } from './scoring.js';

/**
 * @throws TaskError when patching is asked of examples without a corrupted side of the same length; ConfigError where the
 * method cannot do what else is asked; LimitError where exact would take too long.
 */
export function attribute(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<Scores> {
  return model.session.during('search', async () => {
    const { nodes, method, perExample } = options;
    if (method === 'exact') {
      requireAsked(examples, options);
      return exactScores(model, examples, options);
    }
    const { metric, each } = await scored(model, examples, options);
    const found = { nodes, metric, examples: examples.length };
    return perExample ? { ...found, values: meanScores(each), perExample: each } : { ...found, values: each[0]! };
  });
}

/**
 * What each place adds to the scores that `attribute` gives by a method of gradients for the sum over all positions, [S, R].
 * @throws what `attribute` throws.
 */
export function attributeByPlace(
  model: DeviceModel,
  examples: readonly Example[],
  options: Omit<AttributeOptions, 'perExample'>,
  places: Places,
): Promise<Float32Array<ArrayBuffer>[]> {
  return model.session.during('search', async () => (await scored(model, examples, options, places)).each);
}

/** The mean of the metric; and of scores those of each example where they are asked for, else one for each place. */
async function scored(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
  places?: Places,
): Promise<{ metric: number; each: Float32Array<ArrayBuffer>[] }> {
  const { nodes, ablation, perExample, onProgress = () => {} } = options;
  const { batches, objectives, inputsOf, isOwnMean, prefix, groups, compile } = scoring(
    model,
    examples,
    options,
    places,
  );
  if (isMean(ablation) && isOwnMean) clearMeans(model, nodes, ablation, batches[0]!.T);
  else if (isMean(ablation)) await takeMeans(model, nodes, batches, ablation);
  const scorer = await compile();
  const clear = (): void => model.session.clear(...readSites(nodes).map((site) => totalName(prefix, site)));
  const totals = (count: number) => readTotals(model, nodes, { prefix, groups, divisor: count * scorer.addends });
  clear();

  let metricSum = 0;
  const each: Float32Array<ArrayBuffer>[] = [];
  for (const [i, objective] of objectives.entries()) {
    const { picked, lse } = await scorer.run(inputsOf(i), (done) =>
      onProgress(i * scorer.runs + done, batches.length * scorer.runs),
    );
    metricSum += valueOf(objective, picked!, lse!).perExample.reduce((sum, value) => sum + value, 0);
    if (!perExample) continue;
    each.push(...(await totals(1)).slice(0, batches[i]!.examples.length));
    clear();
  }
  return { metric: metricSum / examples.length, each: perExample ? each : await totals(examples.length) };
}

/**
 * Compiles what `attribute` of the same arguments runs, and runs nothing: for whoever knows what comes next.
 * @throws what `attribute` throws.
 */
export async function compileAttribute(
  model: DeviceModel,
  examples: readonly Example[],
  options: AttributeOptions,
): Promise<void> {
  // Programs of exact live as long as their edges take.
  if (options.method === 'exact') requireAsked(examples, options);
  else await scoring(model, examples, options).compile();
}

/**
 * Whether `attribute` of the same arguments runs its clean side once, and that on just what the batch holds: a step on the
 * batch may then take the forward pass over.
 */
export function isOneForwardOf(
  { B, T, clean }: Batch,
  examples: readonly Example[],
  options: AttributeOptions,
): boolean {
  if (options.method === 'exact' || wayOf[options.method ?? 'EAP']) return false;
  const [only, ...others] = batchesOf(examples, options);
  const isSame = (what: 'tokens' | 'mask' | 'positions'): boolean =>
    clean[what].every((value, n) => value === only!.clean[what][n]);
  return others.length === 0 && only!.B === B && only!.T === T && isSame('tokens') && isSame('mask') && isSame('positions'); // prettier-ignore
}

/** Of each group, divided. */
async function readTotals(
  { session }: DeviceModel,
  nodes: Nodes,
  { prefix, groups, divisor }: { readonly prefix: string; readonly groups: number; readonly divisor: number },
): Promise<Float32Array<ArrayBuffer>[]> {
  const S = nodes.sources.length;
  const R = nodes.reads.length;
  const each = Array.from({ length: groups }, () => new Float32Array(S * R));
  // A site that the metric does not depend on has no total: its scores are 0.
  const sites = readSites(nodes).filter((site) => session.has(totalName(prefix, site)));
  const read = await session.readAll(sites.map((site) => totalName(prefix, site)));
  for (const site of sites) {
    const totals = read.get(totalName(prefix, site))!;
    for (const [g, values] of each.entries())
      for (let s = 0; s < site.reach; s++)
        for (let i = 0; i < site.count; i++)
          values[s * R + site.first + i] = totals[(g * S + s) * site.count + i]! / divisor;
  }
  return each;
}
