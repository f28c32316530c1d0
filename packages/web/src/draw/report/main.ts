/** Brings a report to life: its tables and words are in the file already, this adds charts, circuits and long tables. */
import { circuitPair } from '../circuitPair.js';
import { lineChart } from '../lineChart.js';
import { smoothed, type Series } from '../series.js';
import { h } from '../dom.js';
import { sortable } from '../sortable.js';
import { tableHtml, type Table } from '../table.js';
import { watchTheme } from '../watchTheme.js';
import { curvesOf, faithfulnessLines, type Curve } from '../../record/curves.js';
import type { HeadChart } from '../../record/headCurves.js';
import { mibCharts, type MibChart } from '../../record/mibCurves.js';
import type { RunStory } from '../../record/story.js';
import { edgeTable, stepTable } from './tables.js';

export default function start(): void {
  const story = JSON.parse(document.getElementById('story')!.textContent) as RunStory;
  const curves = curvesOf(story);
  fill('faithfulness-charts', () => faithfulnessCharts(story));
  fill('mib-charts', () => [grid(mibCharts(story).map(mibChart))]);
  fill('curve-charts', () => [methodKeys(story), grid(curveCharts(curves.filter(({ group }) => group !== 'search')))]);
  fill('search-charts', () => [
    searchedKeys(story),
    grid(curveCharts(curves.filter(({ group }) => group === 'search'))),
  ]);
  fill('head-charts', () => [grid((story.heads ?? []).map(headChart))]);
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

function faithfulnessCharts(story: RunStory): Node[] {
  const { lines, yRange } = faithfulnessLines(story);
  if (lines.length === 0) return [];
  const chart = lineChart(lines, {
    title: 'Faithfulness by size of the circuit',
    xLabel: 'edges',
    isXLog: true,
    height: 300,
    yRange,
    levels: [
      { y: 1, text: 'whole model' },
      { y: 0, text: 'all edges ablated' },
    ],
  });
  return [keys(lines), h('div', { class: 'wide' }, chart.element)];
}

const mibChart = ({ title, lines, yRange }: MibChart): HTMLElement =>
  lineChart(lines, {
    title,
    xLabel: '% of the edges',
    isXLog: true,
    isKeyed: true,
    height: 260,
    yRange,
    levels: [
      { y: 1, text: 'whole model' },
      { y: 0, text: 'all edges ablated' },
    ],
  }).element;

const headChart = ({ title, lines }: HeadChart): HTMLElement =>
  lineChart(lines, { title, xLabel: 'step', sync: 'step', isKeyed: true, height: 240 }).element;

const methodKeys = ({ methods }: Pick<RunStory, 'methods'>): HTMLElement =>
  keys(methods.map(({ method }) => ({ name: method, points: [] })));
const searchedKeys = ({ methods }: RunStory): HTMLElement =>
  methodKeys({ methods: methods.filter(({ searches }) => searches.length > 1) });

function curveCharts(curves: readonly Curve[]): HTMLElement[] {
  return curves.map(({ title, lines, isYLog, yRange, window = 1, hasOwnNames = false }) => {
    const series = window > 1 ? lines.flatMap((line) => smoothed(line, window)) : lines;
    const options = { xLabel: 'step', sync: 'step', isYLog, isKeyed: hasOwnNames, ...(yRange && { yRange }) };
    const chart = lineChart(series, {
      title: window > 1 ? `${title} (pale) and its mean over ${window} steps` : title,
      ...options,
    });
    return chart.element;
  });
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
