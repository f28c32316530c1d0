/** Scores with their intervals as one SVG, the strongest edge on top: a dot for the score, a line from end to end. */
import type { StableEdge } from '@circuit-tuning/core';
import { escapeHtml, formatNumber } from './table.js';

const [ROW, LABEL, WIDTH, HEAD] = [18, 190, 760, 22];

/** Colours are those of the page around it; what is in the core is filled, so that no colour is needed to tell. */
export function intervalsSvg(edges: readonly StableEdge[], title: string): string {
  const ends = edges.flatMap(({ low, high, score }) => [low ?? score, high ?? score, 0]);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const scale = (WIDTH - LABEL - 20) / (most - least || 1);
  const x = (value: number): string => (LABEL + 10 + (value - least) * scale).toFixed(1);
  const height = HEAD + ROW * edges.length + 6;
  const rows = edges.map(({ edge, score, low, high, inclusion, in_core: isStable }, i) => {
    const y = HEAD + ROW * i + ROW / 2;
    const [from, to] = [low === null ? x(least) : x(low), high === null ? x(most) : x(high)];
    const colour = score < 0 ? 'var(--negative)' : 'var(--positive)';
    const words = `${edge}: ${formatNumber(score)}, from ${low === null ? 'no bound' : formatNumber(low)} to ${high === null ? 'no bound' : formatNumber(high)}; in ${Math.round(100 * inclusion)}% of drawn circuits${isStable ? '; stable' : ''}`;
    return `<g><title>${escapeHtml(words)}</title><text x="${LABEL}" y="${y + 4}" text-anchor="end">${escapeHtml(edge)}</text><path d="M${from} ${y}H${to}" stroke="${colour}" stroke-width="2"/><circle cx="${x(score)}" cy="${y}" r="4.5" fill="${isStable ? colour : 'var(--paper)'}" stroke="${colour}" stroke-width="2"/></g>`;
  });
  const zero = x(0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="${escapeHtml(title)}" style="max-width:100%;height:auto;font:11px system-ui,sans-serif;fill:var(--ink)"><path d="M${zero} ${HEAD - 6}V${height}" stroke="var(--muted)" stroke-dasharray="3 3"/><text x="${zero}" y="12" text-anchor="middle">0</text>${rows.join('')}</svg>`;
}
