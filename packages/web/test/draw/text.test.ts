import { describe, expect, it } from 'vitest';
import { methods } from '@circuit-tuning/core';
import { circuitSvg } from '../../src/draw/circuitSvg.js';
import { formatNumber, tableHtml } from '../../src/draw/table.js';
import { dark, light, lineOf, type Palette } from '../../src/draw/theme.js';
import { small } from './graphs.js';

describe('a circuit as SVG', () => {
  it('draws each edge of the circuit once, with its sign and name', () => {
    const svg = circuitSvg(small);
    expect(svg.match(/<path class="[pn]" d="[^"]*" stroke-width="[^"]*" stroke-opacity/g)).toHaveLength(4);
    expect(svg).toContain('<title>input → m0: -2.00</title>');
    expect(svg.match(/class="n" [^>]*stroke-opacity/g)).toHaveLength(1);
    expect(svg).not.toContain('a1.h1&lt;v&gt;:');
  });

  it('keeps the strongest, and draws these last', () => {
    const names = [...circuitSvg(small, { top: 2 }).matchAll(/<title>(\S+ → \S+):/g)].map(([, name]) => name);
    expect(names).toEqual(['input → m0', 'm1 → logits']);
  });

  it('follows the reader’s theme unless told', () => {
    expect(circuitSvg(small)).toContain('prefers-color-scheme:dark');
    expect(circuitSvg(small, { theme: 'dark' })).toContain(dark.paper);
    expect(circuitSvg(small, { theme: 'light' })).not.toContain(dark.paper);
  });

  it('is the same for the same circuit, and escapes its title', () => {
    const options = { title: 'a < b & "c"' };
    expect(circuitSvg(small, options)).toBe(circuitSvg(small, options));
    expect(circuitSvg(small, options)).toContain('a &lt; b &amp; &quot;c&quot;</text>');
  });
});

describe('tables', () => {
  it.each([
    [0, '0'],
    [12, '12'],
    [1234567, '1\u202f234\u202f567'],
    [-0.5, '−0.5000'],
    [2.34567, '2.346'],
    [12345.6, '12\u202f346'],
    [0.000123, '1.23·10⁻⁴'],
    [-2.5e-12, '−2.50·10⁻¹²'],
    [Number.NaN, 'not a number'],
    [-Infinity, '−∞'],
  ])('show %d as %s', (value, text) => expect(formatNumber(value)).toBe(text));

  it('show fewer digits where asked, and never an exponent of a large number', () => {
    expect([0.12345, 6513.4, 186.79].map((value) => formatNumber(value, 3))).toEqual(['0.123', '6\u202f513', '187']);
  });

  it('keep exact values for sorting, show a dash for what is missing, and escape text', () => {
    const html = tableHtml({
      caption: 'C',
      columns: [{ head: '<b>' }, { head: 'x', isNumber: true }],
      rows: [
        ['a & b', 1 / 3],
        ['c', undefined],
      ],
    });
    expect(html).toContain('<th scope="col">&lt;b&gt;</th>');
    expect(html).toContain(
      '<th scope="row">a &amp; b</th><td class="number" data-value="0.3333333333333333">0.3333</td>',
    );
    expect(html).toContain('<td class="number">–</td>');
  });

  it('give columns of one group one heading', () => {
    const columns = [{ head: 'm' }, { head: 'before', group: 'g' }, { head: 'after', group: 'g' }];
    expect(tableHtml({ caption: '', columns, rows: [] })).toContain(
      '<td colspan="1"></td><th colspan="2" scope="colgroup">g</th>',
    );
  });
});

/** WCAG 2.2, https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number =>
    [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => {
      const c = Number.parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) / 255;
      return sum + weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    }, 0);
  const [x, y] = [luminance(a), luminance(b)].toSorted((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

const looks = [...methods, 'other'];

describe('colours', () => {
  const read: (keyof Palette)[] = ['ink', 'muted', 'positive', 'negative', 'left', 'entered', 'accent'];
  it.each([
    ['light', light],
    ['dark', dark],
  ] as const)('that are read or mean something stand out from their ground, %s', (name, palette) => {
    for (const colour of read)
      for (const ground of ['paper', 'raised'] as const)
        expect(contrast(palette[colour], palette[ground]), `${colour} on ${ground}`).toBeGreaterThan(
          name === 'light' ? 4.2 : 4.5,
        );
    for (const method of ['before', ...looks])
      expect(contrast(lineOf(method)[name], palette.paper), method).toBeGreaterThan(4.5);
  });

  it('of methods are told apart by dashes too', () => {
    const dashes = looks.map((method) => lineOf(method).dash.join(' '));
    expect(new Set(dashes).size).toBe(dashes.length);
  });
});
