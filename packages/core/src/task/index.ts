export { commonT, makeBatches, padBatch, type Batch, type BatchOptions, type PadOptions, type Side } from './batch.js';
export {
  cutTo,
  longest,
  requirePairs,
  tokensOf,
  templateOf,
  type Example,
  type SequenceExample,
  type Target,
  type TaskTokenizer,
  type TokensExample,
} from './example.js';
export { gradeAnswer, gradeRules, gradesOf, type Grade, type GradeRule, type Grades } from './grades.js';
export { readGradedRows, type GradedRow, type GradedRowsOptions } from './gradedRows.js';
export { lintTask, type TaskLint } from './lint.js';
export { logitDiff, logProbDiff, nll, predictionCount, type NllOptions, type ObjectiveOptions } from './losses.js';
export {
  accuracy,
  meanOf,
  packObjective,
  type Term,
  perplexity,
  valueOf,
  type Normalise,
  type Objective,
  type ObjectiveValue,
} from './objective.js';
export { Random, type RandomState } from './random.js';
export { readTask, type Task, type TaskOptions } from './read.js';
export type { Form } from './schema.js';
export { scoreRows, type ScoreRows } from './scoreRows.js';
