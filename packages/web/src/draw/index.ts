/** Drawing modules of the page and of report.html: circuits on canvas, line charts, tables. They need a DOM. */
export * from './static.js';
export { attentionMap, type AttentionMap, type AttentionPicture } from './attentionMap.js';
export { circuitView, type CircuitLook, type CircuitOptions, type CircuitView, type Selection } from './circuit.js';
export { circuitPair, type CircuitPair, type PairOptions } from './circuitPair.js';
export { lineChart, type Chart } from './lineChart.js';
export type { ChartOptions } from './chartPlot.js';
export { smoothed, type Series } from './series.js';
export { details, nameInWords } from './details.js';
export { layerOf, type Grouping } from './group.js';
export type { ColourBy } from './paint.js';
export { sortable } from './sortable.js';
export { currentTheme, watchTheme, type Theme } from './watchTheme.js';
