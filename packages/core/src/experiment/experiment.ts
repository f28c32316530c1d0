/**
 * The experiment file: what is asked, in YAML, of which model, with which data. The published JSON Schema is made from
 * this schema. Its keys are snake_case, as in other tools' experiment files; flags of commands are the same words in
 * kebab-case.
 */
import * as z from 'zod';
import { ablations } from '../attribution/ablation.js';
import { attributionMethods, riemannSums } from '../attribution/attributionMethods.js';
import { positionWays } from '../attribution/byPosition.js';
import { metrics } from '../circuit/metric.js';
import { selectionRules } from '../circuit/select.js';
import { sweepSchema } from '../sweep/schema.js';
import { methods, usualMethods } from '../tuning/methods/index.js';
import { precisions } from '../kernel.js';
import { dtypes } from '../model/parameters.js';
import { gradeRules } from '../task/grades.js';

const path = z.string().min(1);
const count = z.int().min(1);
const positive = z.number().positive();
const notNegative = z.number().nonnegative();
const share = z.number().gt(0).lte(1);

const schedule = z
  .strictObject({ from: count, to: count, steps: count, shape: z.enum(['linear', 'cosine']).default('linear') })
  .describe('Moves from one number of edges to another over the first steps.');
const topN = z
  .union([count, schedule], { error: 'must be a number of edges, or { from, to, steps, shape }' })
  .describe('Edges a circuit keeps: those of the largest |score|. Default: a tenth of the graph.');

const graded = z.strictObject({
  task: path.describe('Task file of rows with a prompt and answers.'),
  rule: z.enum(gradeRules).describe('How an answer is told to be right.'),
  max_new_tokens: count.default(40).describe('Of the longest answer.'),
  stop: z.array(z.string().min(1)).default([]).describe('Texts that end an answer and are no part of it.'),
});

const data = z.strictObject({
  task: path.describe('Task file: what the circuit is found for, and the target metric.'),
  train: path.optional().describe('What tuning learns from. Default: the task.'),
  held_out: path.optional().describe('What the target metric is measured on. Default: the task.'),
  keep: z.record(z.string(), path).default({}).describe('Texts whose perplexity tuning should not change, by name.'),
  prejudice: z
    .record(z.string(), path)
    .optional()
    .describe('Tasks whose rows have a group, by name: prejudice risk is measured with the target.'),
  graded: z
    .record(z.string().regex(/^[\w.-]+$/, { error: 'must be a name of letters, digits, dots and dashes' }), graded)
    .optional()
    .describe('Tasks whose answers the model writes, by name: graded before tuning and after each method.'),
  flip: z.boolean().default(false).describe('Swap right and wrong answers: teach the opposite.'),
});

const discovery = z.strictObject({
  graph: z.enum(['eap-ig', 'circuit-tuning']).default('eap-ig').describe('Convention of nodes and edges.'),
  mlp_block: z
    .union([count, z.literal('whole')], { error: "must be a number of neurons, or 'whole'" })
    .optional()
    .describe('Neurons of one MLP node.'),
  method: z.enum(attributionMethods).default('EAP').describe('How edges are scored.'),
  steps: count.optional().describe('Of the methods of EAP-IG: points where gradients are taken. Default: 5.'),
  riemann: z
    .enum(riemannSums)
    .optional()
    .describe('Of the methods of EAP-IG: where in a step its gradient is taken. Default: as in the code of EAP-IG.'),
  max_minutes: positive.optional().describe("Of 'exact': what it may take by its own estimate. Default: 60."),
  ablation: z.enum(ablations).default('patching').describe('What takes the place of a source.'),
  positions: z.enum(['all', 'answer']).default('all').describe('Positions that scores sum over.'),
  combine: z.enum(['sum', 'mean-then-dot']).default('sum').describe('How positions are combined.'),
  metric: z.enum(metrics).optional().describe('Default: what suits the task.'),
  select: z.enum(selectionRules).default('top-n').describe('Rule by which edges are kept.'),
  top_n: topN.optional(),
  threshold: positive.optional().describe("Of 'threshold': the least |score| that is kept."),
  signed: z
    .boolean()
    .default(false)
    .describe('Compare scores instead of |score|: only what raises the metric is kept.'),
  pruned: z.boolean().default(false).describe('Drop edges that lie on no path from input to logits.'),
  resamples: z
    .int()
    .min(100, { error: 'must be a whole number from 100' })
    .optional()
    .describe("Of 'stable': draws of the bootstrap. Default: 2000."),
  confidence: z
    .number()
    .gt(0.5)
    .lt(1, { error: 'must lie between 0.5 and 1' })
    .optional()
    .describe("Of 'stable': of its intervals. Default: 0.95."),
  nodes: z.boolean().default(false).describe('Also scores of heads, MLPs or blocks of neurons.'),
  by_position: z.enum(positionWays).optional().describe('Also what each position adds to an edge, by place or kind.'),
  per_example: z.boolean().default(false).describe('Also the scores of each example.'),
  batch_size: count.default(16),
  limit: count.optional().describe('The first examples only.'),
});

const tuning = z.strictObject({
  methods: z
    .array(z.enum(methods))
    .min(1)
    .default([...usualMethods])
    .describe('What is compared, each from the base model.'),
  steps: count,
  every: count.default(8).describe('K: search the circuit every K steps.'),
  optimizer: z.enum(['sgd', 'adamw']).default('sgd'),
  learning_rate: positive.optional().describe('Default: 0.001 for sgd, 0.0001 for adamw.'),
  momentum: z.number().min(0).lt(1).default(0.9).describe('Of sgd.'),
  betas: z
    .tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)])
    .default([0.9, 0.999])
    .describe('Of adamw.'),
  eps: positive.default(1e-8).describe('Of adamw.'),
  weight_decay: notNegative.default(0),
  max_norm: notNegative.default(0).describe('Gradients are scaled down to this norm; 0 leaves them.'),
  warmup_steps: z.int().min(0).default(0),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('constant'),
  batch_size: count.default(16),
  accumulation: count.default(1).describe('Batches that make one update.'),
  objective: z.enum(['all', 'answers', 'weighted']).default('all').describe('Tokens the loss is taken over.'),
  p: share.optional().describe("Of 'weighted': answers count 1/p times."),
  bias_penalty: positive
    .optional()
    .describe('The loss grows by so many times |mean logit difference of the batch|, which opposite ones cancel in.'),
  search_on: z.enum(['batch', 'task']).default('batch').describe("A search looks at the step's batch, or at the task."),
  search_sample: count.optional().describe('How many examples of the task a search draws.'),
  top_n: topN.optional().describe('Default: that of the discovery.'),
  extra: share
    .optional()
    .describe('Of circuit and fixed: share of the parameters outside the circuit, in random slices, tuned with it.'),
  lora: z
    .strictObject({
      rank: count.optional().describe('Default: of as many parameters as the circuit of the base model.'),
      alpha: positive.optional().describe('Adapters count alpha / rank times. Default: the rank.'),
    })
    .optional()
    .describe('Of lora.'),
  evaluate_every: count.optional().describe('Default: ten times a run.'),
  save_every: count.optional().describe('Steps between checkpoints. Default: five times a run.'),
  keep_checkpoints: z
    .union([count, z.literal('all')], { error: "must be a number of checkpoints, or 'all'" })
    .default(2)
    .describe("Checkpoints kept of each method, the newest; 'all' for what `analyze --checkpoints` reads of heads."),
});

const evaluation = z.strictObject({
  faithfulness: z.array(count).optional().describe('Sizes of the circuits whose faithfulness is measured.'),
  curve: z.boolean().default(false).describe("Faithfulness over MIB's fractions of the edges, with CPR and CMD."),
  controls: z.int().min(0).default(3).describe('Random circuits of the same size to compare with.'),
  completeness: z.boolean().default(false).describe('Faithfulness of the edges that the circuit leaves out.'),
  minimality: positive.optional().describe('Counts edges whose removal changes less than this share.'),
  exact: z.boolean().default(false).describe('Compare scores with what the metric loses when an edge is cut.'),
  sample: count.optional().describe('Of minimality and exact: so many edges only.'),
  batch_size: count.default(16),
  limit: count.optional().describe('The first examples of each file only.'),
});

const several = <Schema extends z.ZodType>(of: Schema) => z.array(of).min(1).optional();

const stability = z.strictObject({
  resamples: z
    .int()
    .min(100, { error: 'must be a whole number from 100' })
    .optional()
    .describe('Draws of the bootstrap. Default: 2000.'),
  confidence: z
    .number()
    .gt(0.5)
    .lt(1, { error: 'must lie between 0.5 and 1' })
    .optional()
    .describe('Of the intervals. Default: 0.95.'),
  folds: z.int().min(2).optional().describe('Also the circuits of so many parts of the examples.'),
  by_template: z
    .boolean()
    .default(false)
    .describe("Also the circuit of each template: the rows' `template`, or their ids without the number."),
  vary: z
    .strictObject({
      ablation: several(z.enum(ablations)),
      method: several(z.enum(attributionMethods)),
      steps: several(count),
      riemann: several(z.enum(riemannSums)),
      seed: several(z.int().min(0)),
    })
    .optional()
    .describe('Also with other values of these keys, one at a time.'),
});

export const experimentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]+$/, { error: 'must be a name of letters, digits, dots and dashes' })
    .default('experiment'),
  model: z.string().min(1).describe("A model folder, 'embedded', or org/name in the Hugging Face cache."),
  seed: z.int().min(0).default(0),
  precision: z
    .enum(precisions)
    .optional()
    .describe('Operands of products are rounded to f16 on the device; sums stay f32. Default: f32.'),
  dtype: z
    .enum(dtypes)
    .optional()
    .describe('What weights lie on the device as, where nothing is tuned; f16 takes half their memory. Default: f32.'),
  data,
  discovery: discovery.prefault({}),
  tuning: tuning.optional(),
  evaluation: evaluation.prefault({}),
  stability: stability
    .optional()
    .describe('How much of the circuit before tuning another draw of the data, or another choice, would leave.'),
  output_dir: path.optional().describe('Default: runs/<name>.'),
});

export type Experiment = z.output<typeof experimentSchema>;
export type TuningSection = z.output<typeof tuning>;
export type StabilitySection = z.output<typeof stability>;

/** What a path of keys is called in errors: a place in the file, or a flag. */
export type Naming = (path: readonly PropertyKey[]) => string;

/** The JSON Schema of the file, as published in schema/experiment.schema.json. */
export function experimentJsonSchema(): Record<string, unknown> {
  return {
    title: 'circuit-tuning experiment',
    description: 'What `circuit-tuning run` takes. Paths are relative to the file.',
    ...z.toJSONSchema(experimentSchema.extend({ sweep: sweepSchema.optional() }), { io: 'input', reused: 'inline' }),
  };
}
