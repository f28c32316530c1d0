/**
 * What each token looks at: heat maps of attention patterns, token by token, up to two side by side. Pointing at a cell, or
 * walking there with the arrow keys, reads it in all of them.
 */
import { h, watchWidth } from './dom.js';
import { percent } from './report/tables.js';
import { watchTheme, type Theme } from './watchTheme.js';

export interface AttentionPicture {
  /** `base model`, `tuned, step 20`. */
  readonly name: string;
  /** Row: the token that looks; column: what it looks at. [T, T], each row sums to 1. */
  readonly pattern: ArrayLike<number>;
}

export interface AttentionMap {
  readonly element: HTMLElement;
  /** Other tokens, another head, another step. */
  set(tokens: readonly string[], pictures: readonly AttentionPicture[]): void;
  destroy(): void;
}

interface Cell {
  readonly row: number;
  readonly column: number;
}

/** What a picture is painted by: all sizes in CSS pixels. */
interface Grid {
  readonly cell: number;
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

const FONT = 11;
const LARGEST_CELL = 26;
/** Tokens longer than this are cut in the margins; the readout has them whole. */
const LONGEST = 10;

/** @throws RangeError where a pattern is not [T, T]. */
export function attentionMap(firstTokens: readonly string[], firstPictures: readonly AttentionPicture[]): AttentionMap {
  let tokens: readonly string[] = [];
  let pictures: readonly AttentionPicture[] = [];
  let theme: Theme;
  let width = 0;
  let at: Cell | undefined;
  let canvases: HTMLCanvasElement[] = [];

  const maps = h('div', { class: 'attention-maps' });
  const readout = h('p', { class: 'readout', 'aria-live': 'polite' });
  const element = h('div', { class: 'attention' }, maps, readout);

  const grid = (): Grid => {
    const longest = Math.max(1, ...tokens.map((token) => shown(token, LONGEST).length));
    const left = Math.ceil(longest * FONT * 0.62) + 8;
    const columns = Math.max(1, pictures.length);
    // two stand side by side where each keeps 260 pixels
    const across = width >= columns * 260 ? (width - 16 * (columns - 1)) / columns : width;
    const cell = Math.max(3, Math.min(LARGEST_CELL, (across - left - 4) / Math.max(1, tokens.length)));
    return { cell, left, top: left, side: cell * tokens.length };
  };
  const paint = (): void => {
    if (width === 0) return;
    for (const [i, canvas] of canvases.entries()) paintMap(canvas, tokens, pictures[i]!.pattern, grid(), theme, at);
  };
  const read = (): void => {
    if (!at) {
      readout.replaceChildren(
        h(
          'span',
          { class: 'hint' },
          'Row: the token that looks. Column: what it looks at. Point at a cell, or use the arrow keys.',
        ),
      );
      return;
    }
    const { row, column } = at;
    readout.replaceChildren(
      h('strong', {}, `${quoted(tokens[row]!)} looks at ${quoted(tokens[column]!)}`),
      ...pictures.map(({ name, pattern }) =>
        h('span', { class: 'key' }, `${name}: ${percent(pattern[row * tokens.length + column] ?? 0)}`),
      ),
    );
  };
  const go = (next: Cell | undefined): void => {
    if (next?.row === at?.row && next?.column === at?.column) return;
    at = next;
    read();
    paint();
  };
  const under = (event: PointerEvent): Cell | undefined => {
    const { cell, left, top } = grid();
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [row, column] = [
      Math.floor((event.clientY - box.top - top) / cell),
      Math.floor((event.clientX - box.left - left) / cell),
    ];
    // a token looks at itself and what came before
    return row >= 0 && column >= 0 && row < tokens.length && column <= row ? { row, column } : undefined;
  };
  const key = (event: KeyboardEvent): void => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (event.key === 'Escape') go(undefined);
    if (!step || tokens.length === 0) return;
    event.preventDefault();
    const last = tokens.length - 1;
    const from = at ?? { row: last, column: last + 1 };
    const row = Math.min(last, Math.max(0, from.row + step[0]!));
    go({ row, column: Math.min(row, Math.max(0, from.column + step[1]!)) });
  };

  const set = (next: readonly string[], given: readonly AttentionPicture[]): void => {
    for (const { name, pattern } of given)
      if (pattern.length !== next.length ** 2)
        throw new RangeError(
          `${name}: pattern must have ${next.length} × ${next.length} numbers, got ${pattern.length}. Give the tokens that it was computed for.`,
        );
    if (next.length !== tokens.length) at = undefined;
    tokens = next;
    pictures = given;
    // canvases stay while only their numbers change, and with them the reader's focus
    if (canvases.length !== given.length) {
      canvases = given.map(() => {
        const canvas = h('canvas', { tabindex: 0, role: 'img' });
        canvas.addEventListener('pointermove', (event) => go(under(event)));
        canvas.addEventListener('pointerdown', (event) => go(under(event)));
        canvas.addEventListener('pointerleave', () => go(undefined));
        canvas.addEventListener('keydown', key);
        return canvas;
      });
      maps.replaceChildren(...canvases.map((canvas) => h('figure', {}, h('figcaption'), canvas)));
    }
    for (const [i, { name, pattern }] of given.entries()) {
      canvases[i]!.setAttribute('aria-label', inWords(name, next, pattern));
      canvases[i]!.previousElementSibling!.textContent = name;
    }
    read();
    paint();
  };

  const unwatchTheme = watchTheme((now) => {
    theme = now;
    paint();
  });
  set(firstTokens, firstPictures);
  const unwatchWidth = watchWidth(element, (now) => {
    width = now;
    paint();
  });
  return {
    element,
    set,
    destroy() {
      unwatchTheme();
      unwatchWidth();
      element.remove();
    },
  };
}

function paintMap(
  canvas: HTMLCanvasElement,
  tokens: readonly string[],
  pattern: ArrayLike<number>,
  { cell, left, top, side }: Grid,
  { palette }: Theme,
  at: Cell | undefined,
): void {
  const scale = devicePixelRatio || 1;
  // room for the last column's token, which leans to the right
  const width = left + side + top * 0.5;
  const height = top + side + 2;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(scale, scale);
  const T = tokens.length;
  const gap = cell >= 8 ? 1 : 0;
  for (let row = 0; row < T; row++)
    for (let column = 0; column <= row; column++) {
      context.globalAlpha = 1;
      context.fillStyle = palette.raised;
      context.fillRect(left + column * cell, top + row * cell, cell - gap, cell - gap);
      // small shares are most of a pattern, and would all be white
      context.globalAlpha = Math.min(1, Math.max(0, pattern[row * T + column]!)) ** 0.6;
      context.fillStyle = palette.positive;
      context.fillRect(left + column * cell, top + row * cell, cell - gap, cell - gap);
    }
  context.globalAlpha = 1;
  context.font = `${FONT}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  // of many tokens only those that have room
  const every = Math.ceil((FONT + 1) / cell);
  for (const [i, token] of tokens.entries()) {
    const middle = (i + 0.5) * cell;
    const [isRow, isColumn] = [at?.row === i, at?.column === i];
    if (i % every === 0 || isRow) {
      context.fillStyle = isRow ? palette.accent : palette.muted;
      context.textAlign = 'right';
      context.fillText(shown(token, LONGEST), left - 5, top + middle);
    }
    if (i % every !== 0 && !isColumn) continue;
    context.save();
    context.translate(left + middle, top - 5);
    context.rotate(-Math.PI / 3);
    context.textAlign = 'left';
    context.fillStyle = isColumn ? palette.accent : palette.muted;
    context.fillText(shown(token, LONGEST), 0, 0);
    context.restore();
  }
  if (!at) return;
  context.strokeStyle = palette.accent;
  context.lineWidth = 2;
  context.strokeRect(left + at.column * cell - 1, top + at.row * cell - 1, cell - gap + 2, cell - gap + 2);
}

/** A token in a margin: white space made visible, long ones cut. */
function shown(token: string, most = Infinity): string {
  const text =
    token.trim() === '' ? token.replaceAll(' ', '␣').replaceAll('\n', '⏎').replaceAll('\t', '⇥') : token.trim();
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

const quoted = (token: string): string => `“${shown(token)}”`;

/** What each token looks at most, for a reader who cannot see the map. */
function inWords(name: string, tokens: readonly string[], pattern: ArrayLike<number>): string {
  const T = tokens.length;
  const lines = tokens.map((token, row) => {
    let most = 0;
    for (let column = 1; column <= row; column++)
      if (pattern[row * T + column]! > pattern[row * T + most]!) most = column;
    return `${shown(token)} at ${shown(tokens[most]!)}, ${percent(pattern[row * T + most] ?? 0)}`;
  });
  return `${name}, attention pattern. What each token looks at most: ${lines.join('; ')}. Arrow keys read single cells.`;
}
