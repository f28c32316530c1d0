/** What an experiment takes of a device's memory, from its own tasks, before anything is allocated. */
import { isCounted } from '../circuit/select.js';
import { rehearseAnswers } from '../evaluation/answer.js';
import { rehearseTests } from '../evaluation/circuitTests.js';
import { memoryOf, type MemoryFacts, type MemoryUse } from '../memory.js';
import type { DeviceModel } from '../model/deviceModel.js';
import { longest, type Example } from '../task/example.js';
import type { TuneOptions } from '../tuning/tuneOptions.js';
import { Tuning } from '../tuning/tune.js';
import type { Prepared } from './prepared.js';
import { optionsOf } from './runMethod.js';
import { rehearseFirst } from './findCircuit.js';
import { measureAll } from './runner.js';
import { asksParts, rehearseParts } from './scoreParts.js';
import { stabilityTestOf } from './stabilityAsked.js';
import { rehearseStability } from './testStability.js';

/** Batches of each part that are looked at: a second one shows what is kept between them. */
const BATCHES = 2;
/** Steps between searches that are looked at: a search before every step shares its forward pass with it, others do not. */
const MOST_BETWEEN = 2;

/** @throws LimitError where the device cannot do it at all. */
export function experimentMemory(prepared: Prepared, facts: MemoryFacts): Promise<MemoryUse> {
  const { dtype } = prepared.experiment;
  return memoryOf(prepared.base.config, { ...facts, dtype }, (model) => rehearse(model, prepared));
}

/** The parts of a run, one after the other, as far as they allocate. */
async function rehearse(model: DeviceModel, whole: Prepared): Promise<void> {
  const prepared = shortened(whole);
  const { experiment, pairs, metric, nodes } = prepared;
  const { data, discovery, evaluation, stability, tuning } = experiment;
  const { batch_size: batchSize, faithfulness, curve, completeness, minimality, exact, sample } = evaluation;
  await rehearseFirst(model, prepared, whole.search.length);
  if (asksParts(discovery)) await rehearseParts(model, prepared);
  await measureAll({ model, prepared });
  for (const [name, rows] of Object.entries(prepared.graded))
    await rehearseAnswers(model, rows, { maxNewTokens: data.graded![name]!.max_new_tokens, batchSize });
  if (stability) await rehearseStability(model, prepared, stabilityTestOf(prepared, stability), whole.search.length);
  if (faithfulness?.length !== 0 || curve || completeness || minimality !== undefined || exact)
    await rehearseTests(model, pairs, nodes, { metric, ablation: discovery.ablation, batchSize }, { exact, sample });
  for (const method of tuning?.methods ?? [])
    await rehearseTuning(model, prepared.train, optionsOf(prepared, tuning!, method));
}

async function rehearseTuning(model: DeviceModel, examples: readonly Example[], options: TuneOptions): Promise<void> {
  const { search } = options;
  const every = Math.min(MOST_BETWEEN, search?.every ?? 1);
  const tuning = new Tuning(model, examples, {
    ...options,
    // With three searches: circuits that move on own states of all that they tuned.
    steps: 2 * every + 1,
    ...(search && {
      search: {
        ...search,
        every,
        maxMinutes: Infinity,
        // Of noise a rule that does not count may keep nothing.
        ...(search.select && !isCounted(search.select.rule) && { select: { rule: 'top-n' } }),
      },
    }),
  });
  const events = tuning.run();
  while (!(await events.next()).done);
  await tuning.settle();
  tuning.tuner.dispose();
}

/** Few examples, the longest first: they alone say how large batches become. */
function shortened(prepared: Prepared): Prepared {
  const { experiment, search, train, target, pairs, keep, prejudice } = prepared;
  const { discovery, tuning, evaluation } = experiment;
  const some = (examples: readonly Example[], batch: number): Example[] => longest(examples, BATCHES * batch);
  const each = (tasks: Prepared['keep']): Prepared['keep'] =>
    Object.fromEntries(Object.entries(tasks).map(([name, task]) => [name, some(task, evaluation.batch_size)]));
  return {
    ...prepared,
    search: some(search, discovery.batch_size),
    train: some(train, (tuning?.batch_size ?? 1) * (tuning?.accumulation ?? 1)),
    target: some(target, evaluation.batch_size),
    pairs: some(pairs, evaluation.batch_size),
    keep: each(keep),
    prejudice: each(prejudice),
  };
}
