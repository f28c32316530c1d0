/** Pictures and tables as text: no DOM, so Node can write them. */
export {
  changes,
  circuitSet,
  compared,
  edgesOfCircuit,
  ENTERED,
  GREW,
  GROWTH,
  KEPT,
  LEFT,
  SHRANK,
  type Change,
  type CircuitEdges,
  type CircuitNodes,
  type CircuitSet,
  type Compared,
  type EdgeList,
} from './circuitData.js';
export { circuitSvg, setSvg, type SvgOptions } from './circuitSvg.js';
export { edgeCurves, layoutCircuit, parseNode, strengths, weakestFirst, type CircuitLayout } from './layout.js';
export {
  isTuned,
  keptSets,
  whenInWords,
  withAnalysis,
  withoutScale,
  type FaithfulnessStory,
  type GradedStory,
  type Measurement,
  type MethodStory,
  type RunStory,
  type SearchStory,
  type StepStory,
} from '../record/story.js';
export {
  concentrationTable,
  driftTable,
  nodeMovementTable,
  sharedTable,
  sliceMovementTable,
  stayTable,
  trendTable,
  turnoverTable,
  verdictTable,
} from './report/dynamicsTables.js';
export { flipTable, headTable, upstreamTable } from './report/headTables.js';
export {
  faithfulnessTable,
  gradedTable,
  measurementTable,
  outcomeTable,
  percent,
  searchTable,
} from './report/tables.js';
export { nodeTable, positionTable, testTable } from './report/partTables.js';
export { stableEdgeTable, survivalTable, variationTable } from './report/stabilityTables.js';
export { HOW_TO_READ_TRENDS, trendsInWords, trendsSvg } from './report/trends.js';
export { intervalsSvg, type IntervalRow } from './intervalsSvg.js';
export { headCharts } from '../record/headCurves.js';
export { mibCharts, mibTable } from '../record/mibCurves.js';
export { drawCss } from './style.js';
export { escapeHtml, formatCell, formatNumber, tableHtml, type Cell, type Column, type Table } from './table.js';
export { dark, light, lineOf, themeCss, type Palette } from './theme.js';
