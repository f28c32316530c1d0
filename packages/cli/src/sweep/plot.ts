/** One outcome against the first axis of a sweep, a line for each combination of the others, intervals as bars: an SVG. */
import type { SeedMean, SweepRow } from '@circuit-tuning/core';
import { escapeHtml, formatNumber, lineOf } from '@circuit-tuning/web/draw/static';
import { ticksOf } from './ticks.js';

const [WIDTH, HEIGHT] = [560, 314];
const edge = { left: 64, right: 16, top: 28, bottom: 76 };

interface Dot {
  readonly x: string | number;
  readonly y: SeedMean;
}

/** Undefined where no row has that number. */
export function plotSvg(rows: readonly SweepRow[], key: string, title: string): string | undefined {
  const [axis, ...others] = Object.keys(rows[0]?.values ?? {});
  if (axis === undefined) return undefined;
  const lines = new Map<string, Dot[]>();
  for (const { values, numbers } of rows) {
    const y = numbers[key];
    if (!y) continue;
    const name = others.map((other) => `${other} ${values[other]}`).join(', ');
    lines.set(name, [...(lines.get(name) ?? []), { x: values[axis]!, y }]);
  }
  const dots = [...lines.values()].flat();
  if (dots.length === 0) return undefined;

  const xs = [...new Set(dots.map(({ x }) => x))];
  const numeric = xs.every((x) => typeof x === 'number') ? (xs as number[]).toSorted((a, b) => a - b) : undefined;
  // numbers that double, as N and K do, would crowd on a plain axis
  const isLog = numeric !== undefined && numeric[0]! > 0 && numeric.at(-1)! / numeric[0]! >= 8;
  const along = (x: string | number): number => {
    if (!numeric) return (xs.indexOf(x) + 0.5) / xs.length;
    const scale = (value: number): number => (isLog ? Math.log(value) : value);
    const [low, high] = [scale(numeric[0]!), scale(numeric.at(-1)!)];
    return high === low ? 0.5 : 0.04 + (0.92 * (scale(Number(x)) - low)) / (high - low);
  };
  const ends = dots.flatMap(({ y: { mean, half = 0 } }) => [mean - half, mean + half]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  const [low, high] = [least - room, most + room];
  const px = (x: string | number): number => edge.left + along(x) * (WIDTH - edge.left - edge.right);
  const py = (y: number): number => edge.top + ((high - y) / (high - low)) * (HEIGHT - edge.top - edge.bottom);

  const ticks = ticksOf(low, high).map(
    (y) =>
      `<line x1="${edge.left}" x2="${WIDTH - edge.right}" y1="${py(y)}" y2="${py(y)}" stroke="var(--faint)"/>` +
      `<text x="${edge.left - 8}" y="${py(y) + 4}" text-anchor="end">${formatNumber(y, 3)}</text>`,
  );
  const names = (numeric ?? xs).map((x) =>
    typeof x === 'number'
      ? `<text x="${px(x)}" y="${HEIGHT - edge.bottom + 18}" text-anchor="middle">${formatNumber(x, 3)}</text>`
      : `<text transform="translate(${px(x) + 4} ${HEIGHT - edge.bottom + 14}) rotate(-22)" text-anchor="end">${escapeHtml(x)}</text>`,
  );
  const drawn = [...lines].map(([name, points], i) => {
    // one line needs no name; several share the looks of methods in other charts
    const look = lineOf(name === '' ? 'circuit' : (['circuit', 'full', 'fixed', 'random'][i] ?? name));
    const { dash } = look;
    const colour = `light-dark(${look.light},${look.dark})`;
    const shift = numeric ? 0 : (i - (lines.size - 1) / 2) * 8;
    const ordered = numeric ? points.toSorted((a, b) => Number(a.x) - Number(b.x)) : points;
    const path = ordered.map(({ x, y }) => `${px(x) + shift},${py(y.mean)}`).join(' ');
    const marks = ordered.map(({ x, y: { mean, half = 0, n } }) => {
      const at = px(x) + shift;
      const words = `${axis} ${x}${name && `, ${name}`}: ${formatNumber(mean)}${half > 0 ? ` ± ${formatNumber(half, 2)}` : ''} (${n} runs)`;
      return `<g><title>${escapeHtml(words)}</title><line x1="${at}" x2="${at}" y1="${py(mean - half)}" y2="${py(mean + half)}" style="stroke:${colour}" stroke-width="2"/><circle cx="${at}" cy="${py(mean)}" r="4" style="fill:${colour}"/></g>`;
    });
    const line = numeric
      ? `<polyline points="${path}" style="fill:none;stroke:${colour}" stroke-width="1.5" stroke-dasharray="${dash.join(' ')}"/>`
      : '';
    const legend =
      name === ''
        ? ''
        : `<text x="${WIDTH - edge.right}" y="${edge.top + 14 * (i + 1)}" text-anchor="end" style="fill:${colour}">${escapeHtml(name)}</text>`;
    return line + marks.join('') + legend;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(`${title} against ${axis}`)}" font-size="12" fill="var(--ink, #1b212b)" font-family="system-ui, sans-serif">
<text x="${edge.left}" y="16" font-weight="600">${escapeHtml(title)}</text>
${ticks.join('')}${names.join('')}${drawn.join('')}
<text x="${(WIDTH + edge.left - edge.right) / 2}" y="${HEIGHT - 6}" text-anchor="middle" fill="var(--muted, #596273)">${escapeHtml(axis)}</text>
</svg>`;
}
