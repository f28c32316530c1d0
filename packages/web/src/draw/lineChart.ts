/**
 * Line charts on uPlot: small, fast enough for a run that is watched live, and synchronised by a key, so that pointing
 * at a step in one chart points at it in all of them.
 */
import uPlot from 'uplot';
import { aligned, settings, type ChartOptions } from './chartPlot.js';
import { atRest, inWords, valuesAt } from './chartWords.js';
import { h, watchWidth } from './dom.js';
import type { Series } from './series.js';
import { watchTheme, type Theme } from './watchTheme.js';

export interface Chart {
  readonly element: HTMLElement;
  /** Points that were added to the same series are cheap: made for a run that is watched live. */
  setSeries(series: readonly Series[]): void;
  /** Puts the vertical line at an x, or away. */
  setCursor(x: number | undefined): void;
  destroy(): void;
}

export function lineChart(firstSeries: readonly Series[], options: ChartOptions): Chart {
  let series = firstSeries;
  let theme: Theme | undefined;
  let width = 0;
  let plot: uPlot | undefined;
  let { cursor } = options;
  const readout = h('p', { class: 'readout' });
  const place = h('div', { class: options.onPick ? 'plot pickable' : 'plot', tabindex: 0, role: 'img' });
  const element = h('figure', { class: 'chart' }, h('figcaption', {}, options.title), place, readout);

  /** What of the series a plot is made for; other points of the same are given to the plot that is there. */
  let madeFor: string | undefined;

  const draw = (): void => {
    if (!theme || width === 0) return;
    place.setAttribute('aria-label', inWords(options.title, series));
    const data = aligned(series);
    const shape = JSON.stringify(series.map(({ points, band, ...look }) => [look, points.length === 1, !band]));
    if (plot && shape === madeFor && data[0].length > 0) {
      plot.setData(data);
      tell(plot);
      return;
    }
    plot?.destroy();
    plot = undefined;
    place.replaceChildren();
    readout.replaceChildren(...atRest(series, options, theme));
    if (data[0].length === 0) return;
    madeFor = shape;
    plot = new uPlot(settings(series, options, theme, width, tell, putLine), data, place);
    plot.over.append(line);
    if (options.onPick) pickable(plot.over);
  };
  // an element of its own: moving it paints none of the chart again
  const line = h('div', { class: 'u-moment', hidden: true });
  const putLine = (): void => {
    const { min = Infinity, max = -Infinity } = plot?.scales['x'] ?? {};
    const isThere = cursor !== undefined && cursor >= min && cursor <= max;
    line.hidden = !isThere;
    if (plot && isThere) line.style.transform = `translateX(${plot.valToPos(cursor!, 'x')}px)`;
  };
  const pickAt = (left: number): void => {
    const x = plot?.data[0][plot.posToIdx(left)];
    if (x !== undefined && x !== cursor) options.onPick?.(x);
  };
  const pickable = (over: HTMLElement): void => {
    const pick = (event: MouseEvent): void => pickAt(event.clientX - over.getBoundingClientRect().left);
    over.addEventListener('pointerdown', (event) => {
      // a finger that scrolls the page over a chart picks nothing; one that taps, clicks
      if (event.pointerType === 'touch') return;
      over.setPointerCapture(event.pointerId);
      pick(event);
    });
    over.addEventListener('click', pick);
    over.addEventListener('pointermove', (event) => {
      if (event.buttons > 0 && event.pointerType !== 'touch') pick(event);
    });
  };
  const tell = (u: uPlot): void => {
    const { idx } = u.cursor;
    if (idx === null || idx === undefined) readout.replaceChildren(...atRest(series, options, theme!));
    else readout.replaceChildren(...valuesAt(u, idx, series, options, theme!));
  };
  place.addEventListener('keydown', ({ key }) => {
    if (!plot) return;
    if (key === 'Enter' && typeof plot.cursor.idx === 'number') options.onPick?.(plot.data[0][plot.cursor.idx]!);
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const xs = plot.data[0];
    const now = plot.cursor.idx ?? (key === 'ArrowRight' ? -1 : xs.length);
    const next = Math.min(xs.length - 1, Math.max(0, now + (key === 'ArrowRight' ? 1 : -1)));
    plot.setCursor({ left: plot.valToPos(xs[next]!, 'x'), top: 10 });
  });
  const unwatchTheme = watchTheme((now) => {
    theme = now;
    madeFor = undefined;
    draw();
  });
  const unwatchWidth = watchWidth(place, (now) => {
    width = now;
    if (!plot) return draw();
    plot.setSize({ width, height: options.height ?? 210 });
  });
  return {
    element,
    setSeries(next) {
      series = next;
      draw();
    },
    setCursor(x) {
      cursor = x;
      putLine();
    },
    destroy() {
      unwatchTheme();
      unwatchWidth();
      plot?.destroy();
      element.remove();
    },
  };
}
