/** Curves on logarithmic axes as an SVG file, with lines of slope 1 and 2 to compare them with. */

export interface Panel {
  readonly title: string;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, number])[] }[];
}

/** Exponent p of y = c · x^p, by least squares of the logarithms. */
export function slope(points: readonly (readonly [number, number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (at: 0 | 1): number => logs.reduce((sum, log) => sum + log[at], 0) / logs.length;
  const [x0, y0] = [mean(0), mean(1)];
  const over = logs.reduce((sum, [x, y]) => sum + (x - x0) * (y - y0), 0);
  return over / logs.reduce((sum, [x]) => sum + (x - x0) ** 2, 0);
}

const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM] = [360, 260, 56, 34, 44];
const COLOURS = ['#2563eb', '#d97706'];

export function plotScaling(panels: readonly Panel[]): string {
  const all = panels.flatMap(({ series }) => series.flatMap(({ points }) => points.map(([, y]) => y)));
  const [low, high] = [Math.min(...all) / 1.6, Math.max(...all) * 1.6];
  const parts = panels.map((panel, i) => panelSvg(panel, i * WIDTH, [low, high]));
  const legend = panels[0]!.series.map(({ name }, i) => {
    const x = LEFT + i * 200;
    return `<circle cx="${x}" cy="${HEIGHT + 14}" r="4" fill="${COLOURS[i]}"/><text x="${x + 10}" y="${HEIGHT + 18}">${name}</text>`;
  });
  const grey = `<text x="${LEFT + 400}" y="${HEIGHT + 18}" fill="#888">grey: doubles, quadruples</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${panels.length * WIDTH} ${HEIGHT + 28}" font-family="system-ui, sans-serif" font-size="11" fill="#555">
<rect width="100%" height="100%" fill="#fff"/>
${[...parts, ...legend, grey].join('\n')}
</svg>
`;
}

function panelSvg({ title, series }: Panel, x0: number, [low, high]: readonly [number, number]): string {
  const xs = series[0]!.points.map(([x]) => x);
  const [first, last] = [xs[0]!, xs.at(-1)!];
  const X = (x: number): number =>
    x0 + LEFT + ((WIDTH - LEFT - 24) * Math.log(x / first)) / Math.max(1e-9, Math.log(last / first));
  const Y = (y: number): number => TOP + (HEIGHT - TOP - BOTTOM) * (1 - Math.log(y / low) / Math.log(high / low));
  const at = ([x, y]: readonly [number, number]): string => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`;
  const ticks = powers(low, high).map(
    (y) =>
      `<line x1="${x0 + LEFT}" x2="${x0 + WIDTH - 24}" y1="${Y(y).toFixed(1)}" y2="${Y(y).toFixed(1)}" stroke="#eee"/>` +
      `<text x="${x0 + LEFT - 6}" y="${(Y(y) + 4).toFixed(1)}" text-anchor="end">${y} ms</text>`,
  );
  const labels = xs.map(
    (x) => `<text x="${X(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${x}</text>`,
  );
  const lines = series.map(({ points }, i) => {
    // from the curve's first point on, as if it grew with the power
    const [start] = points;
    const guide = (power: number): readonly [number, number] => [last, start![1] * (last / start![0]) ** power];
    const guides = [1, 2]
      .map(guide)
      .filter(([, y]) => y <= high)
      .map((end) => `<polyline points="${at(start!)} ${at(end)}" fill="none" stroke="#bbb" stroke-dasharray="3 3"/>`);
    const dots = points.map((point) => {
      const [x, y] = at(point).split(',');
      return `<circle cx="${x}" cy="${y}" r="3" fill="${COLOURS[i]}"/>`;
    });
    const line = `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="${COLOURS[i]}" stroke-width="2"/>`;
    return [...guides, line, ...dots].join('');
  });
  const head = `<text x="${x0 + LEFT}" y="18" font-size="13" fill="#222">device time of a search, by ${title}</text>`;
  return [head, ...ticks, ...labels, ...lines].join('\n');
}

/** Powers of ten between. */
const powers = (low: number, high: number): number[] =>
  Array.from({ length: 16 }, (_, i) => Number(`1e${i - 6}`)).filter((power) => power >= low && power <= high);
