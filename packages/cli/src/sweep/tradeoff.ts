/**
 * The target against what it cost, a line for each row through every learning rate that was tried: where one line lies
 * above another all the way, no choice of rates turns the two round. An SVG.
 */
import type { GroupResult, RateSearch } from '@circuit-tuning/core';
import { escapeHtml, formatNumber, lineOf } from '@circuit-tuning/web/draw/static';
import { ticksOf } from './ticks.js';

const [WIDTH, HEIGHT] = [760, 380];
const edge = { left: 64, right: 150, top: 28, bottom: 48 };
/** The plot ends where perplexity grew by the bound to this power: what lies beyond is ruin, and would flatten the rest. */
const BEYOND = 2.5;

/** Undefined where no rate was searched or nothing is kept. */
export function tradeoffSvg(groups: readonly GroupResult[], { better, bound }: RateSearch): string | undefined {
  const lines = groups.map(({ values, tried = [], learning_rate: chosen }) => ({
    name: Object.values(values).join(', '),
    dots: tried.flatMap(({ rate, outcome }) =>
      outcome?.perplexity_factor === undefined
        ? []
        : [{ rate, x: Math.log(outcome.perplexity_factor), y: outcome.target, isChosen: rate === chosen }],
    ),
  }));
  const all = lines.flatMap(({ dots }) => dots);
  const base = groups[0]?.tried?.find(({ outcome }) => outcome)?.outcome?.target_base;
  if (all.length === 0 || base === undefined) return undefined;

  const last = Math.log(Math.max(bound, 1.1)) * BEYOND;
  const inside = all.filter(({ x }) => x <= last);
  const [left, right] = [Math.min(0, ...inside.map(({ x }) => x)), last];
  const ys = [base, ...inside.map(({ y }) => y)];
  const room = (Math.max(...ys) - Math.min(...ys)) * 0.05 || 1;
  const [low, high] = [Math.min(...ys) - room, Math.max(...ys) + room];
  const px = (x: number): number => edge.left + ((x - left) / (right - left)) * (WIDTH - edge.left - edge.right);
  const py = (y: number): number => edge.top + ((high - y) / (high - low)) * (HEIGHT - edge.top - edge.bottom);
  const [floor, wall] = [HEIGHT - edge.bottom, WIDTH - edge.right];

  const across = ticksOf(low, high).map(
    (y) =>
      `<line x1="${edge.left}" x2="${wall}" y1="${py(y)}" y2="${py(y)}" stroke="var(--faint)"/>` +
      `<text x="${edge.left - 8}" y="${py(y) + 4}" text-anchor="end">${formatNumber(y, 3)}</text>`,
  );
  const factors = [1, 1.2, 1.5, 2, 3, 4, 5, 7, 10].filter((it) => Math.log(it) >= left && Math.log(it) <= right);
  const along = factors.map(
    (it) => `<text x="${px(Math.log(it))}" y="${floor + 18}" text-anchor="middle">×${it}</text>`,
  );
  const limit = px(Math.log(bound));
  const drawn = lines.map(({ name, dots }, i) => {
    const { light, dark, dash } = lineOf(name);
    const colour = `light-dark(${light},${dark})`;
    const path = [{ x: 0, y: base }, ...dots].map(({ x, y }) => `${px(x)},${py(y)}`).join(' ');
    const marks = dots
      .filter(({ x }) => x <= last)
      .map(({ rate, x, y, isChosen }) => {
        const words = `${name}, learning rate ${rate}: ${formatNumber(y)}, perplexity × ${formatNumber(Math.exp(x), 3)}`;
        return `<g><title>${escapeHtml(words)}</title><circle cx="${px(x)}" cy="${py(y)}" r="${isChosen ? 5 : 2.5}" style="fill:${colour}"/></g>`;
      });
    const y = edge.top + 14 + 18 * i;
    return (
      `<polyline points="${path}" clip-path="url(#inside)" style="fill:none;stroke:${colour}" stroke-width="1.75" stroke-dasharray="${dash.join(' ')}"/>${marks.join('')}` +
      `<line x1="${wall + 12}" x2="${wall + 40}" y1="${y - 4}" y2="${y - 4}" style="stroke:${colour}" stroke-width="1.75" stroke-dasharray="${dash.join(' ')}"/>` +
      `<text x="${wall + 46}" y="${y}">${escapeHtml(name)}</text>`
    );
  });
  const title = `Target metric (${better} is better) against what perplexity grew by`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}" font-size="12" fill="var(--ink, #1b212b)" font-family="system-ui, sans-serif">
<clipPath id="inside"><rect x="${edge.left}" y="${edge.top}" width="${wall - edge.left}" height="${floor - edge.top}"/></clipPath>
<text x="${edge.left}" y="16" font-weight="600">${title}</text>
${across.join('')}${along.join('')}
<line x1="${limit}" x2="${limit}" y1="${edge.top}" y2="${floor}" stroke="var(--muted, #596273)" stroke-dasharray="3 3"/>
${drawn.join('\n')}
<text x="${(edge.left + wall) / 2}" y="${HEIGHT - 8}" text-anchor="middle" fill="var(--muted, #596273)">perplexity of what is kept; every rate that was tried, the chosen one larger; dashed: the bound</text>
</svg>`;
}
