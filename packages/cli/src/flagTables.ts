/** Which flags each command has that say the same as a key of the experiment file, and what they are called. */
import {
  ablations,
  attributionMethods,
  dtypes,
  methods,
  positionWays,
  precisions,
  riemannSums,
  selectionRules,
} from '@circuit-tuning/core';
import { DTYPE } from './dtype.js';
import type { Flag } from './flags.js';
import { PRECISION } from './precision.js';

const data: readonly Flag[] = [
  {
    flag: '--model <folder>',
    key: 'model',
    about: "model folder, 'embedded', or org/name in the Hugging Face cache",
    isNeeded: true,
  },
  { flag: '--task <file>', key: 'data.task', about: 'task file (JSONL)', isNeeded: true },
];
const flip: Flag = { flag: '--flip', key: 'data.flip', about: 'swap right and wrong answers', kind: 'switch' };
const precision: Flag = {
  flag: '--precision <which>',
  key: 'precision',
  about: PRECISION,
  choices: precisions,
};
const dtype: Flag = { flag: '--dtype <which>', key: 'dtype', about: DTYPE, choices: dtypes };
const seed: Flag = { flag: '--seed <n>', key: 'seed', about: 'seed of every random choice (0)', kind: 'number' };

const discovery: readonly Flag[] = [
  {
    flag: '--graph <convention>',
    key: 'discovery.graph',
    about: 'nodes and edges (eap-ig)',
    choices: ['eap-ig', 'circuit-tuning'],
  },
  { flag: '--mlp-block <n>', key: 'discovery.mlp_block', about: "neurons of one MLP node, or 'whole'", kind: 'number' },
  {
    flag: '--ablation <kind>',
    key: 'discovery.ablation',
    about: 'what takes the place of a source (patching)',
    choices: ablations,
  },
  {
    flag: '--positions <which>',
    key: 'discovery.positions',
    about: 'positions that scores sum over (all)',
    choices: ['all', 'answer'],
  },
  {
    flag: '--combine <how>',
    key: 'discovery.combine',
    about: 'how positions are combined (sum)',
    choices: ['sum', 'mean-then-dot'],
  },
  {
    flag: '--metric <name>',
    key: 'discovery.metric',
    about: 'default: what suits the task',
    choices: ['logit_diff', 'logprob_diff', 'nll', 'nll_answers'],
  },
  {
    flag: '--select <rule>',
    key: 'discovery.select',
    about: 'rule by which edges are kept (top-n)',
    choices: selectionRules,
  },
  {
    flag: '--threshold <score>',
    key: 'discovery.threshold',
    about: 'of --select threshold: the least |score| that is kept',
    kind: 'number',
  },
  {
    flag: '--resamples <n>',
    key: 'discovery.resamples',
    about: 'of --select stable: draws of the bootstrap (2000)',
    kind: 'number',
  },
  {
    flag: '--confidence <share>',
    key: 'discovery.confidence',
    about: 'of --select stable: of its intervals (0.95)',
    kind: 'number',
  },
  { flag: '--signed', key: 'discovery.signed', about: 'compare scores instead of |score|', kind: 'switch' },
  {
    flag: '--pruned',
    key: 'discovery.pruned',
    about: 'drop edges that lie on no path from input to logits',
    kind: 'switch',
  },
  { flag: '--top-n <n>', key: 'discovery.top_n', about: 'edges kept (a tenth of the graph)', kind: 'number' },
];

export const discoverFlags: readonly Flag[] = [
  ...data,
  ...discovery,
  {
    flag: '--method <name>',
    key: 'discovery.method',
    about: 'how edges are scored (EAP)',
    choices: attributionMethods,
  },
  {
    flag: '--ig-steps <n>',
    key: 'discovery.steps',
    about: 'of EAP-IG: points where gradients are taken (5)',
    kind: 'number',
  },
  {
    flag: '--riemann <sum>',
    key: 'discovery.riemann',
    about: 'of EAP-IG: where in a step its gradient is taken (as in its code)',
    choices: riemannSums,
  },
  {
    flag: '--max-minutes <n>',
    key: 'discovery.max_minutes',
    about: 'of exact: what it may take by its own estimate (60)',
    kind: 'number',
  },
  { flag: '--batch-size <n>', key: 'discovery.batch_size', about: 'examples of a batch (16)', kind: 'number' },
  { flag: '--limit <n>', key: 'discovery.limit', about: 'the first examples only', kind: 'number' },
  flip,
  precision,
  dtype,
];

/** What `discover` says of scores besides edges. */
export const partFlags: readonly Flag[] = [
  {
    flag: '--nodes',
    key: 'discovery.nodes',
    about: 'also scores of heads, MLPs or blocks of neurons: writes nodes.json and .csv',
    kind: 'switch',
  },
  {
    flag: '--by-position <how>',
    key: 'discovery.by_position',
    about: 'also what each position adds, by place or kind: writes positions.safetensors, .json and .csv',
    choices: positionWays,
  },
  {
    flag: '--per-example',
    key: 'discovery.per_example',
    about: 'also the scores of each example: writes examples.safetensors',
    kind: 'switch',
  },
];

/** How `stability` tests a circuit. */
export const stabilityFlags: readonly Flag[] = [
  { flag: '--resamples <n>', key: 'stability.resamples', about: 'draws of the bootstrap (2000)', kind: 'number' },
  { flag: '--confidence <share>', key: 'stability.confidence', about: 'of the intervals (0.95)', kind: 'number' },
  { flag: '--seed <n>', key: 'seed', about: 'of the draws (0)', kind: 'number' },
  {
    flag: '--folds <k>',
    key: 'stability.folds',
    about: 'also the circuits of k parts of the examples',
    kind: 'number',
  },
  {
    flag: '--by-template',
    key: 'stability.by_template',
    about: "also the circuit of each template: the rows' `template`, or their ids without the number",
    kind: 'switch',
  },
];

export const tuneFlags: readonly Flag[] = [
  ...data,
  { flag: '--steps <n>', key: 'tuning.steps', about: 'updates', kind: 'number', isNeeded: true },
  { flag: '--every <n>', key: 'tuning.every', about: 'K: search the circuit every K steps (8)', kind: 'number' },
  ...discovery,
  {
    flag: '--method <name>',
    key: 'tuning.methods',
    about: 'what is tuned (circuit)',
    choices: methods,
    kind: 'list',
  },
  { flag: '--optimizer <name>', key: 'tuning.optimizer', about: '(sgd)', choices: ['sgd', 'adamw'] },
  {
    flag: '--lr <rate>',
    key: 'tuning.learning_rate',
    about: 'learning rate (0.001 for sgd, 0.0001 for adamw)',
    kind: 'number',
  },
  { flag: '--momentum <m>', key: 'tuning.momentum', about: 'of sgd (0.9)', kind: 'number' },
  { flag: '--weight-decay <w>', key: 'tuning.weight_decay', about: '(0)', kind: 'number' },
  {
    flag: '--max-norm <n>',
    key: 'tuning.max_norm',
    about: 'clip gradients to this norm; 0 leaves them (0)',
    kind: 'number',
  },
  {
    flag: '--warmup-steps <n>',
    key: 'tuning.warmup_steps',
    about: 'steps over which the rate rises (0)',
    kind: 'number',
  },
  {
    flag: '--schedule <shape>',
    key: 'tuning.schedule',
    about: 'what the rate does afterwards (constant)',
    choices: ['constant', 'linear', 'cosine'],
  },
  {
    flag: '--objective <which>',
    key: 'tuning.objective',
    about: 'tokens the loss is taken over (all)',
    choices: ['all', 'answers', 'weighted'],
  },
  { flag: '--p <share>', key: 'tuning.p', about: 'of weighted: answers count 1/p times', kind: 'number' },
  {
    flag: '--bias-penalty <size>',
    key: 'tuning.bias_penalty',
    about: 'the loss grows by so many times |mean logit difference of the batch|',
    kind: 'number',
  },
  {
    flag: '--batch-size <n>',
    key: 'tuning.batch_size',
    // What takes most memory would else be a search or a measurement, whatever is said of steps.
    also: ['discovery.batch_size', 'evaluation.batch_size'],
    about: 'examples of a batch, of steps, searches and measurements (16)',
    kind: 'number',
  },
  { flag: '--accumulation <n>', key: 'tuning.accumulation', about: 'batches that make one update (1)', kind: 'number' },
  {
    flag: '--search-on <which>',
    key: 'tuning.search_on',
    about: "a search looks at the step's batch, or at the task (batch)",
    choices: ['batch', 'task'],
  },
  {
    flag: '--search-sample <n>',
    key: 'tuning.search_sample',
    about: 'examples of the task a search draws',
    kind: 'number',
  },
  { flag: '--evaluate-every <n>', key: 'tuning.evaluate_every', about: 'steps between measurements', kind: 'number' },
  { flag: '--save-every <n>', key: 'tuning.save_every', about: 'steps between checkpoints', kind: 'number' },
  {
    flag: '--keep-checkpoints <n>',
    key: 'tuning.keep_checkpoints',
    about: "the newest that stay, or 'all' (2)",
    kind: 'number',
  },
  { flag: '--train <file>', key: 'data.train', about: 'what tuning learns from (the task)' },
  { flag: '--held-out <file>', key: 'data.held_out', about: 'what the metric is measured on (the task)' },
  flip,
  precision,
  { ...dtype, isHidden: true },
  seed,
];
