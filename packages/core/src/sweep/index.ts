export { atBound } from './atBound.js';
export { chooseRate, type Tried } from './chooseRate.js';
export {
  differencesOf,
  rowOf,
  type CellResult,
  type GroupResult,
  type SweepDifference,
  type SweepRow,
} from './gather.js';
export { estimate, studentT, type SeedMean } from './interval.js';
export { outcomeOf, type CellOutcome } from './outcome.js';
export type { SweepCell, SweepGroup, SweepPlan } from './plan.js';
export { readSweep } from './readSweep.js';
export type { RateSearch } from './schema.js';
