/** The public surface of the core: what the CLI, the page and kernels are written against. */
export * from './errors.js';
export * from './ops/index.js';
export {
  cotangentName,
  defineOp,
  dtypeOf,
  lettersOf,
  shapeOf,
  sizeOf,
  tensorsOf,
  type Call,
  type Op,
  type Shape,
  type Size,
} from './op.js';
export {
  defineKernel,
  withLayout,
  precisions,
  type Capabilities,
  type Kernel,
  type KernelCase,
  type KernelLayout,
  type KernelSource,
  type KernelSpec,
  type Precision,
} from './kernel.js';
export { Graph } from './graph/graph.js';
export { elements, root, type DType, type Value } from './graph/value.js';
export { grad } from './graph/grad.js';
export { printGraph } from './graph/print.js';
export { applies, entriesFor } from './plan/choose.js';
export { plan, type Plan } from './plan/plan.js';
export { printPlan } from './plan/print.js';
export type { AdapterTimings, MeasuredCall } from './plan/adapterTimings.js';
export { doublings, FAR, TIMING_NOISE } from './plan/timings.js';
export { runOnCpu } from './run/cpu.js';
export { capabilitiesOf } from './run/capabilities.js';
export { Profiler, type KernelTime, type Phase, type PhaseTime, type Profile } from './run/profile.js';
export { Program, type Fetched, type Upload } from './run/program.js';
export { Session, type SessionOptions } from './run/session.js';
export { DELTA, makeDelta, readDelta, type Sha256 } from './io/delta.js';
export { packHalves } from './io/half.js';
export { bytesFile, exportModel, exportNewModel, memoryFolder, textFile, type OutputFile } from './io/hfExport.js';
export { besideWeights, INDEX } from './io/modelFiles.js';
export { openConfig, openModel, openTokenizer, type Folder, type Model } from './io/hfFolder.js';
export {
  openSafetensors,
  readBytes,
  readFloats,
  readInts,
  type Rows,
  type SafetensorsFile,
  type TensorInfo,
} from './io/safetensors.js';
export { writeHeader, writeSafetensors, type TensorData, type TensorLayout } from './io/safetensorsWrite.js';
export { memorySource, type Source } from './io/source.js';
export { parseConfig, writeConfig, type Json, type ModelConfig, type RopeScaling } from './model/config.js';
export {
  dtypes,
  parameterBytes,
  parameterCount,
  parameterShapes,
  type ParameterKind,
  type ParameterShape,
  type WeightDType,
} from './model/parameters.js';
export { byteLevelBpe, createTokenizer, type Tokenizer } from './model/tokenizer.js';
export { openWeights, type Overlay, type Parameters, type Weights } from './model/weights.js';
export * from './task/index.js';
export { feedObjective, feedSide, objectiveInputs, rangeStarts, type Inputs } from './task/feed.js';
export { DeviceModel } from './model/deviceModel.js';
export { initialise } from './model/initialise.js';
export * from './grammar/index.js';
export { attentionPatterns } from './model/attentionPatterns.js';
export { generate, type GenerateOptions } from './model/generate.js';
export { generateAll, type GenerateAllOptions } from './model/generateAll.js';
export { KeyValueCache } from './model/keyValueCache.js';
export { lastLogits } from './model/lastLogits.js';
export { PlainStream, type Stream } from './model/stream.js';
export { tokenInputs, transformer, unembedParams, type Architecture } from './model/transformer.js';
export { readout, vocabularyChunks, wholeLogits, type Chunk } from './model/vocabulary.js';
export { ablations, isMean, takeMeans, type Ablation } from './attribution/ablation.js';
export { attribute, attributeByPlace } from './attribution/attribute.js';
export type { Places } from './attribution/rowGroups.js';
export {
  attributionMethods,
  riemannSums,
  type AttributionMethod,
  type RiemannSum,
} from './attribution/attributionMethods.js';
export {
  bootstrapIntervals,
  DEFAULT_RESAMPLES,
  drawCounts,
  LEAST_RESAMPLES,
  visitResamples,
  type BootstrapOptions,
  type Interval,
} from './attribution/bootstrap.js';
export { edgeNames, endsOf, jaccard, nodeCount, type Circuit } from './circuit/circuit.js';
export { exactScores, type ExactOptions } from './attribution/exact.js';
export { fromGraphJson, graphJsonText, toGraphJson } from './circuit/circuitJson.js';
export type { GraphJson } from './circuit/graphJson.js';
export {
  answersText,
  answerTask,
  rehearseAnswers,
  type Answered,
  type AnsweredTask,
  type AnswerOptions,
} from './evaluation/answer.js';
export { faithfulness, type Faithfulness } from './evaluation/faithfulness.js';
export { measure, type Measured } from './evaluation/measure.js';
export { openPatched, type PatchedModel, type PatchOptions } from './evaluation/patchedModel.js';
export {
  curvePasses,
  faithfulnessCurves,
  mibFractions,
  mibResults,
  type Curve,
  type CurvePoint,
  type Curves,
} from './evaluation/curve.js';
export { rehearseTests, testPasses, testsOf, type TestsFound } from './evaluation/circuitTests.js';
export { completeness, minimality, type Minimality } from './evaluation/minimality.js';
export { perQueryHead, requireEapIg, requireSharedHeads } from './circuit/kvPerQueryHead.js';
export { bytesInWords, requireMemory, type Budget, type Other } from './memoryBudget.js';
export { memoryOf, type MemoryFacts, type MemoryUse } from './memory.js';
export { metrics, objectivesOf, type Metric } from './circuit/metric.js';
export { movedBy, type Movement } from './tuning/movedBy.js';
export {
  allEdges,
  edgeIndex,
  edgeName,
  isEdge,
  nodesOf,
  type Convention,
  type NodeOptions,
  type Nodes,
} from './circuit/nodes.js';
export { learningRate, optimizerStates, type Hyper, type OptimizerKind } from './tuning/optimizer.js';
export { prejudice, prejudiceOf, requireGroups, type GroupPrejudice, type Prejudice } from './evaluation/prejudice.js';
export { promptLogits, withoutParts, type PromptOptions } from './evaluation/promptLogits.js';
export { estimateOf, shareOf, type Estimate, type Share } from './task/estimate.js';
export { readHeads, type HeadReadings, type PartReading } from './heads/readHeads.js';
export { readUpstream, type Dependence, type Upstream, type UpstreamOptions } from './heads/upstream.js';
export { readSites, totalName } from './attribution/readSites.js';
export { patchGraph } from './evaluation/patchGraph.js';
export { scoreGraph } from './attribution/scoreGraph.js';
export type { AttributeOptions, Scores } from './attribution/scores.js';
export { pruned } from './circuit/paths.js';
export {
  comparePredicted,
  exactEffects,
  stratifiedEdges,
  type ComparedEdge,
  type Predicted,
} from './evaluation/predicted.js';
export { randomEdges, randomOfEqualParameters } from './circuit/randomCircuit.js';
export {
  byPosition,
  positionLabels,
  positionWays,
  type PositionScores,
  type PositionWay,
} from './attribution/byPosition.js';
export { nodeScores, type NodeScores } from './attribution/nodeScores.js';
export {
  rehearseSearch,
  scoresWithIntervals,
  searchCircuit,
  type SearchCircuitOptions,
} from './attribution/searchCircuit.js';
export {
  circuitsOfParts,
  sharedOf,
  stabilityOf,
  type Part,
  type Spread,
  type Stability,
  type StabilityOptions,
} from './attribution/stability.js';
export {
  edgesAt,
  requireSome,
  isCounted,
  selectEdges,
  selectionRules,
  topEdges,
  wholeGraph,
  type CountedRule,
  type EdgeSchedule,
  type Selection,
  type SelectionRule,
} from './circuit/select.js';
export {
  countTuned,
  fullMasks,
  masksOf,
  masksOfSlices,
  slicesOf,
  tunedParameters,
  type Masks,
  type Slice,
} from './circuit/slices.js';
export { peftAdapter } from './io/peftAdapter.js';
export { adapterNames, beginAdapters, mergeAdapters, type LoraOptions } from './tuning/lora.js';
export { methodOf, methods, usualMethods, type Method } from './tuning/methods/index.js';
export { ownableSlices } from './tuning/methods/ownable.js';
export { Tuning, type TuneEvent, type TuneState } from './tuning/tune.js';
export type { SearchOptions, TuneOptions } from './tuning/tuneOptions.js';
export { Tuner, type StepResult } from './tuning/tuner.js';
export * from './experiment/index.js';
export * from './dynamics/index.js';
export * from './sweep/index.js';
