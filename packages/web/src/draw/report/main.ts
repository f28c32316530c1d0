/** Brings a report to life: its tables and words are in the file already, this adds charts, circuits and long tables. */
import { circuitPair } from '../circuitPair.js';
import { lineChart, smoothed, type Series } from '../curves.js';
import { h } from '../dom.js';
import { sortable } from '../sortable.js';
import { tableHtml, type Table } from '../table.js';
import { watchTheme } from '../watchTheme.js';
import { keptSets, whenInWords, type RunStory } from '../../record/story.js';
import { edgeTable, stepTable } from './tables.js';

export default function start(): void {
  const story = JSON.parse(document.getElementById('story')!.textContent) as RunStory;
  fill('faithfulness-charts', () => faithfulnessCharts(story));
  fill('curve-charts', () => [
    keys(story.methods.map(({ method }) => ({ name: method, points: [] }))),
    grid(curveCharts(story)),
  ]);
  fill('overlap-charts', () => [grid(overlapCharts(story))]);
  fill('circuits', () => circuits(story));
  for (const place of document.querySelectorAll<HTMLDetailsElement>('details[data-steps]')) {
    const method = story.methods.find((one) => one.method === place.dataset.steps);
    if (method) onOpen(place, () => putTable(place, stepTable(method)));
  }
  for (const table of document.querySelectorAll('table')) sortable(table);
}

function fill(id: string, content: () => readonly Node[]): void {
  document.getElementById(id)?.replaceChildren(...content());
}

const grid = (charts: readonly HTMLElement[]): HTMLElement => h('div', { class: 'charts' }, ...charts);

/** Long tables are made when they are asked for. */
function onOpen(place: HTMLDetailsElement, make: () => void): void {
  place.addEventListener('toggle', () => {
    if (place.open && !place.querySelector('table')) make();
  });
}

function putTable(place: HTMLElement, table: Table): void {
  place.querySelector('.table')?.remove();
  place.insertAdjacentHTML('beforeend', tableHtml(table));
  sortable(place.querySelector('table')!);
}

/** One chart: the curve before tuning with its random circuits, and what was found after tuning as lines or dots. */
function faithfulnessCharts(story: RunStory): Node[] {
  const series: Series[] = [];
  const withRows = story.faithfulness.filter(({ rows }) => rows.length > 0);
  for (const [i, { when, rows }] of withRows.entries()) {
    const sorted = [...rows].sort((a, b) => a.edges - b.edges);
    series.push({
      name: whenInWords(story, when),
      look: when.replace(/^after:/, ''),
      points: sorted.filter((row) => Number.isFinite(row.faithfulness)).map((row) => [row.edges, row.faithfulness]),
      hasDots: true,
    });
    const band = sorted
      .filter(({ random }) => random.length > 0)
      .map(({ edges, random }) => [edges, Math.min(...random), Math.max(...random)] as const);
    if (i === 0 && band.length > 0) series.push({ name: 'random circuits', look: 'random', points: [], band });
  }
  if (series.length === 0) return [];
  const values = series.flatMap(({ points, band = [] }) => [
    ...points.map(([, y]) => y),
    ...band.flatMap(([, low, high]) => [low, high]),
  ]);
  const [low, high] = [Math.min(0, ...values), Math.max(1, ...values)];
  const room = (high - low) * 0.09;
  const chart = lineChart(series, {
    title: 'Faithfulness by size of the circuit',
    xLabel: 'edges',
    isXLog: true,
    height: 300,
    yRange: [low - room, high + room],
    levels: [
      { y: 1, text: 'whole model' },
      { y: 0, text: 'all edges ablated' },
    ],
  });
  return [keys(series), h('div', { class: 'wide' }, chart.element)];
}

function curveCharts(story: RunStory): HTMLElement[] {
  const { methods, metric } = story;
  const charts: HTMLElement[] = [];
  const add = (title: string, series: readonly Series[], canBeLog = false): void => {
    const values = series.flatMap(({ points }) => points.map(([, y]) => y));
    if (values.length === 0) return;
    // over decades a straight axis would show one method and a line at the bottom
    const isYLog = canBeLog && Math.max(...values) > 20 * Math.min(...values);
    charts.push(lineChart(series, { title, xLabel: 'step', sync: 'step', isYLog }).element);
  };
  const byMethod = (
    points: (method: RunStory['methods'][number]) => [number, number | undefined][],
    hasDots = true,
  ): Series[] =>
    methods.map((one) => ({
      name: one.method,
      hasDots,
      points: points(one).filter(
        (point): point is [number, number] => point[1] !== undefined && Number.isFinite(point[1]),
      ),
    }));
  add(
    `Target: ${metric}`,
    byMethod(({ measured }) => measured.map(({ step, value }) => [step, value])),
  );
  add(
    'Target: accuracy',
    byMethod(({ measured }) => measured.map(({ step, accuracy }) => [step, accuracy])),
  );
  for (const name of keptSets(story))
    add(
      `Perplexity of ${name}, to be kept`,
      byMethod(({ measured }) => measured.map(({ step, keep }) => [step, keep[name]?.perplexity])),
      true,
    );
  const losses = byMethod(({ steps }) => steps.map(({ step, loss }) => [step, loss]), false);
  const window = Math.ceil(Math.max(0, ...losses.map(({ points }) => points.length)) / 20);
  add(
    window > 1 ? `Training loss (pale) and its mean over ${window} steps` : 'Training loss',
    losses.flatMap((series) => smoothed(series, window)),
  );
  add(
    'Parameters free to move',
    byMethod(({ steps }) => steps.map(({ step, tuned }) => [step, tuned]), false),
  );
  return charts;
}

function overlapCharts({ methods }: RunStory): HTMLElement[] {
  const searching = methods.filter(({ searches }) => searches.length > 1);
  const series = (which: 'first' | 'previous'): Series[] =>
    searching.map(({ method, searches }) => ({
      name: method,
      hasDots: true,
      points: searches.flatMap(({ step, [which]: overlap }) =>
        overlap === undefined ? [] : [[step, overlap] as const],
      ),
    }));
  const chart = (title: string, which: 'first' | 'previous'): HTMLElement =>
    lineChart(series(which), { title, xLabel: 'step', sync: 'search', yRange: [0, 1.04] }).element;
  return [chart('Overlap with the first circuit', 'first'), chart('Overlap with the circuit before', 'previous')];
}

/** Which line is which, once for all charts that follow; a band is an area, a single point a dot. */
function keys(series: readonly Series[]): HTMLElement {
  const place = h('p', { class: 'legend' });
  watchTheme(({ line }) => {
    place.replaceChildren(
      ...series.map(({ name, look = name, points, band }) => {
        const { colour, dash } = line(look);
        if (band || points.length === 1) {
          const mark = h('span', { class: band ? 'area' : 'dot' });
          mark.style.background = band ? `${colour}55` : colour;
          return h('span', { class: 'key' }, mark, name);
        }
        const sample = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
        sample.setAttribute('width', '34');
        sample.setAttribute('height', '8');
        sample.innerHTML = `<path d="M0 4h34" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash.join(' ')}"/>`;
        return h('span', { class: 'key' }, sample, name);
      }),
    );
  });
  return place;
}

const TABLE_LIMIT = 1000;

function circuits({ circuits: set, circuitTitles }: RunStory): Node[] {
  if (!set || set.circuits.length === 0) return [];
  const place = h('details', {}, h('summary', {}, 'These edges as a table'));
  let make = (): void => undefined;
  const pair = circuitPair(set, {
    titles: circuitTitles,
    onShow: (shown) => {
      make = () => putTable(place, edgeTable(set, shown, TABLE_LIMIT));
      // what is open follows the pictures, what is closed is made when it is opened
      if (place.open) make();
      else place.querySelector('.table')?.remove();
    },
  });
  onOpen(place, () => make());
  return [pair.element, place];
}
