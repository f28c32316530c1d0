/** What the heads of a run's models do at chosen steps: each model is put on a device and run over the held-out task. */
import { resolve } from 'node:path';
import {
  ConfigError,
  everyKeptParameters,
  keptText,
  readExperiment,
  readHeads,
  readUpstream,
  requireMetric,
  requirePairs,
  type Ablation,
  type DeviceModel,
  type HeadsAtStep,
  type Model,
  type Parameters,
  type Prepared,
  type Profiler,
} from '@circuit-tuning/core';
import type { RunRecord } from '@circuit-tuning/web/record';
import { requireBudget } from '../memoryBudget.js';
import { openNodeModel } from '../nodeModel.js';
import { prepare } from '../prepare.js';
import { rehearseAnalyze } from '../rehearsals.js';
import type { FolderRun } from '../runPlace.js';
import { tunedBy } from './tunedModel.js';

/** Steps to look at, 0 being the base model; or every one that the run kept. */
export type Steps = readonly number[] | 'all';

export interface HeadsOptions {
  readonly steps: Steps;
  /** Heads whose dependence on each part before them is read too, and what such a part is ablated by. */
  readonly upstream?: { readonly heads: readonly string[]; readonly ablation: Ablation } | undefined;
  /** The first examples only. */
  readonly limit?: number | undefined;
  /** Examples at once; as many as the run measured with unless told. */
  readonly batchSize?: number | undefined;
  /** `--memory`: the most that it may take of the device. */
  readonly memory?: string | undefined;
  readonly onProgress: (what: string, done: number, of: number) => void;
  readonly profiler?: Profiler | undefined;
}

/** A model of the run: the base, a checkpoint, or what a method left at its end. */
interface KeptModel {
  readonly step: number;
  readonly from: string;
  open(): Promise<Parameters>;
}

/**
 * By method, the steps ascending.
 * @throws ConfigError for a step of which no model was kept; TaskError for a task without single good and bad answers.
 */
export async function headsOfRun(
  run: FolderRun,
  { events }: RunRecord,
  methods: readonly string[],
  { steps, limit, upstream, batchSize: asked, memory, onProgress, profiler }: HeadsOptions,
): Promise<Map<string, HeadsAtStep[]>> {
  const prepared = await preparedOf(run);
  const { base, target, experiment } = prepared;
  const examples = target.slice(0, limit);
  const { data } = experiment;
  const task = data.held_out ?? data.task;
  requireMetric('logit_diff', examples, task);
  if (upstream?.ablation === 'patching') requirePairs(examples, { name: task });
  const kept = new Map<string, KeptModel[]>();
  for (const method of methods) {
    const done = events.findLast((event) => event.kind === 'done' && event.method === method);
    const end = done?.kind === 'done' ? done.steps : undefined;
    kept.set(method, await modelsOf(run, base, method, methods.length === 1, end));
  }
  const chosen = chooseSteps(run, kept, steps);
  const batchSize = asked ?? experiment.evaluation.batch_size;
  const rehearse = (its: HeadsOptions['upstream']) => (model: DeviceModel, size: number) =>
    rehearseAnalyze(model, examples, its, size);
  const others = upstream && { 'leave --upstream out': rehearse(undefined) };
  const room = { base, where: 'analyze', batchSize, examples, others, takesDType: false };
  await requireBudget({ memory }, room, rehearse(upstream));
  const opened = await openNodeModel(base, {
    onProgress: (done, of) => onProgress('loading the model', done, of),
    profiler,
  });
  try {
    const found = new Map<string, HeadsAtStep[]>();
    // what all methods start from is run once
    const known = new Map<string, HeadsAtStep>();
    const isAsked = (step: number): boolean => chosen === 'all' || chosen.includes(step);
    for (const [method, models] of kept) {
      const here: HeadsAtStep[] = [];
      const asked = models.filter((model) => isAsked(model.step));
      for (const [i, { step, from, open }] of asked.entries()) {
        const key = step === 0 ? 'base' : `${method} ${step}`;
        if (!known.has(key)) {
          await opened.model.writeAll(await open());
          const how = (what: string) => ({
            batchSize,
            onProgress: (done: number, of: number): void =>
              onProgress(`${what}: ${method}`, i * of + done, asked.length * of),
          });
          const { model } = opened;
          const readings = await opened.session.during('measure', async () => ({
            ...(await readHeads(model, examples, how('reading heads'))),
            ...(upstream && {
              upstream: await readUpstream(model, examples, { ...upstream, ...how('ablating what is before heads') }),
            }),
          }));
          known.set(key, { step, from, ...readings });
        }
        here.push(known.get(key)!);
      }
      found.set(method, here);
    }
    return found;
  } finally {
    opened.dispose();
  }
}

async function preparedOf(run: FolderRun): Promise<Prepared> {
  const name = `${run.name}/experiment.yaml`;
  const text = await keptText(run, 'experiment.yaml');
  if (text === undefined)
    throw new ConfigError({
      where: name,
      rule: 'must name the base model and the task, which heads are read with',
      got: 'no such file',
      cure: 'Copy it from where the run was made, or leave --checkpoints out',
    });
  return prepare(readExperiment(text, { name, resolve: (path) => resolve(run.folder, path) }));
}

async function modelsOf(
  run: FolderRun,
  base: Model,
  method: string,
  isOnly: boolean,
  end: number | undefined,
): Promise<KeptModel[]> {
  const kept = await everyKeptParameters(run, method);
  const start = { step: 0, from: 'the base model', open: async () => base.weights };
  // a zip that was saved has no checkpoints, but what tuning came to
  const tuned =
    end === undefined || kept.some(({ step }) => step === end) ? undefined : await tunedBy(run, base, method, isOnly);
  return [start, ...kept, ...(tuned ? [{ step: end!, from: tuned.from, open: async () => tuned.parameters }] : [])];
}

function chooseSteps(run: FolderRun, kept: ReadonlyMap<string, readonly KeptModel[]>, steps: Steps): Steps {
  if (steps === 'all') return steps;
  const there = new Set([...kept.values()].flatMap((models) => models.map(({ step }) => step)));
  const missing = steps.find((step) => !there.has(step));
  if (missing === undefined) return steps;
  throw new ConfigError({
    where: `${run.name}: --checkpoints`,
    rule: `must be steps whose model was kept: ${[...there].toSorted((a, b) => a - b).join(', ')}`,
    got: missing,
    cure: 'Take those, or run the experiment with tuning.keep_checkpoints: all (and save_every as often as you want to look)',
  });
}
