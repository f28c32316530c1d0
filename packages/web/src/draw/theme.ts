/**
 * Colours, told once for canvas, SVG and CSS. Pairs that carry meaning follow Okabe and Ito's palette for colour-blind
 * readers (https://jfly.uni-koeln.de/color/), darkened on white until text-sized marks reach 4.5:1; dashes or place
 * always say the same thing a second time.
 */
export interface Palette {
  readonly paper: string;
  readonly raised: string;
  readonly ink: string;
  readonly muted: string;
  readonly faint: string;
  readonly accent: string;
  readonly positive: string;
  readonly negative: string;
  readonly kept: string;
  readonly left: string;
  readonly entered: string;
  readonly grew: string;
  readonly shrank: string;
}

export const light: Palette = {
  paper: '#ffffff',
  raised: '#f4f6f8',
  ink: '#1b212b',
  muted: '#596273',
  faint: '#d3d9e0',
  accent: '#5b3fc4',
  positive: '#0067a8',
  negative: '#c14f00',
  kept: '#98a2b0',
  left: '#a8327e',
  entered: '#007d5b',
  grew: '#0067a8',
  shrank: '#a05a00',
};

export const dark: Palette = {
  paper: '#14181f',
  raised: '#1d232c',
  ink: '#e8ebf0',
  muted: '#a3adbb',
  faint: '#39424f',
  accent: '#b9a5ff',
  positive: '#5bb8f0',
  negative: '#f39a4a',
  kept: '#66707e',
  left: '#ee8cc6',
  entered: '#3fcf9f',
  grew: '#5bb8f0',
  shrank: '#e0a84a',
};

export interface LineStyle {
  readonly light: string;
  readonly dark: string;
  /** Lengths of dash and gap in pixels; a solid line has none. */
  readonly dash: readonly number[];
}

const lines: Readonly<Record<string, LineStyle>> = {
  before: { light: '#1b212b', dark: '#e8ebf0', dash: [] },
  circuit: { light: '#0067a8', dark: '#5bb8f0', dash: [] },
  full: { light: '#c14f00', dark: '#f39a4a', dash: [8, 4] },
  random: { light: '#6d7684', dark: '#a3adbb', dash: [2, 3] },
  fixed: { light: '#007d5b', dark: '#3fcf9f', dash: [9, 3, 2, 3] },
  lora: { light: '#5b3fc4', dark: '#b9a5ff', dash: [12, 3] },
  complement: { light: '#8a5a00', dark: '#e0a84a', dash: [5, 3] },
  'gradient-norm': { light: '#9c2f2f', dark: '#f28b82', dash: [6, 2, 2, 2, 2, 2] },
  layers: { light: '#2f6f7e', dark: '#6fc7d6', dash: [1, 3] },
  'random-fixed': { light: '#4d5561', dark: '#c3cad4', dash: [3, 6] },
  // of charts that are about parts of a model
  'part 1': { light: '#0067a8', dark: '#5bb8f0', dash: [] },
  'part 2': { light: '#c14f00', dark: '#f39a4a', dash: [8, 4] },
  'part 3': { light: '#007d5b', dark: '#3fcf9f', dash: [9, 3, 2, 3] },
  'part 4': { light: '#a8327e', dark: '#ee8cc6', dash: [2, 3] },
  'part 5': { light: '#5b3fc4', dark: '#b9a5ff', dash: [12, 3] },
  'part 6': { light: '#8a5a00', dark: '#e0a84a', dash: [5, 3] },
  // of charts that are about one method
  kept: { light: '#007d5b', dark: '#3fcf9f', dash: [] },
  overlap: { light: '#0067a8', dark: '#5bb8f0', dash: [8, 4] },
  accuracy: { light: '#1b212b', dark: '#e8ebf0', dash: [2, 3] },
};

/** How the line of a method, or of the model before tuning, looks in every chart; other names share a look of their own. */
export const lineOf = (method: string): LineStyle =>
  lines[method] ?? { light: '#a8327e', dark: '#ee8cc6', dash: [4, 2, 1, 2] };

const customProperties = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('');

/** CSS custom properties `--paper`, `--ink`, … that follow the system, or `data-theme="light|dark"` on the root. */
export const themeCss = `:root{color-scheme:light;${customProperties(light)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${customProperties(dark)}}}
:root[data-theme=dark]{color-scheme:dark;${customProperties(dark)}}`;
