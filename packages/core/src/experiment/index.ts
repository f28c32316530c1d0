export { attributionMeta, attributionOf, bootstrapOf } from './attribution.js';
export { everyKeptParameters, keptParameters } from './checkpoint.js';
export { circuitFiles } from './circuitFiles.js';
export { experimentText } from './effects.js';
export { keptEvents } from './eventLog.js';
export type {
  CircuitEvent,
  DoneEvent,
  Fact,
  FaithfulnessEvent,
  GradedEvent,
  Kept,
  MetricEvent,
  MovedEvent,
  PrejudiceValue,
  RunEvent,
  ScoresEvent,
  SearchEvent,
  SearchFigures,
  StabilityEvent,
  StepEvent,
  TargetValue,
} from './events.js';
export { experimentJsonSchema, type Experiment, type Naming } from './experiment.js';
export { keptText, memoryKeeper, type Keeper } from './keeper.js';
export {
  adapterNotice,
  keptManifest,
  newManifest,
  NOT_HASHED,
  requireSameFiles,
  resumedManifest,
  withManifest,
  type AdapterFacts,
  type Manifest,
  type ManifestFacts,
} from './manifest.js';
export { experimentMemory } from './memory.js';
export { metricFor, nodesFor, prepareExperiment, requireMetric, taskFor, type ExperimentFiles } from './prepare.js';
export type { Prepared } from './prepared.js';
export { checkExperiment, readExperiment, type ReadOptions, type Resolve } from './readExperiment.js';
export { runExperiment, type RunOptions } from './runExperiment.js';
export { rehearseParts, scorePartsOf, type NodesRecord, type PositionsRecord, type ScoreParts } from './scoreParts.js';
export { stabilityFiles, stabilityTestOf } from './stabilityAsked.js';
export { rehearseStability, testStability, type StabilityFound } from './testStability.js';
export type { StabilityRecord, StableEdge, Variation } from './stabilityRecord.js';
export { compileFirst } from './findCircuit.js';
export { searchFigures } from './searchFigures.js';
