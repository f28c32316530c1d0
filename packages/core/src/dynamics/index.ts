/** Learning dynamics: what circuits and parameters do over a run, as pure functions over what a run keeps. */
export {
  ANALYSIS,
  ANALYSIS_FORMAT,
  analyseMethod,
  type Analysis,
  type DriftAnalysis,
  type EdgeTrend,
  type HeadsAtStep,
  type MethodAnalysis,
  type MethodCircuits,
  type MovementAnalysis,
  type NamedStay,
  type SearchAnalysis,
  type TrendAnalysis,
} from './analysis.js';
export { circuitFromEdges } from './circuitFromEdges.js';
export { compareCircuits, type CircuitComparison, type Shared, type SharedPart } from './compareCircuits.js';
export { concentrationOf, type Concentration } from './concentration.js';
export {
  correlationP,
  effectiveSize,
  fitLine,
  leastR,
  residualAutocorrelation,
  slopeMargin,
  type Line,
} from './correlation.js';
export { effectiveRank } from './effectiveRank.js';
export { adjusted } from './falseDiscovery.js';
export {
  edgesAmong,
  nameOfEdge,
  nodeNames,
  nodesTouched,
  type EdgeGraph,
  type ScoredCircuit,
  type Search,
} from './graph.js';
export { nodesNamed } from './nodesNamed.js';
export {
  nodeChanges,
  OUTSIDE,
  sliceChanges,
  type NodeChange,
  type SliceChange,
  type SliceOptions,
} from './sliceChanges.js';
export { partCourses, type Course, type PartCourse } from './partCourses.js';
export { FEWEST_SEARCHES, trendsOf, verdicts, type Trends, type Verdict } from './trends.js';
export { stays, turnover, type Members, type Stay, type Turn } from './turnover.js';
