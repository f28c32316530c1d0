/** Which palette holds now, for canvases, which no style sheet reaches. */
import { dark, light, lineOf, type Palette } from './theme.js';

export interface Theme {
  readonly palette: Palette;
  readonly line: (method: string) => { readonly colour: string; readonly dash: readonly number[] };
}

const themeOf = (isDark: boolean): Theme => ({
  palette: isDark ? dark : light,
  line: (method) => {
    const style = lineOf(method);
    return { colour: isDark ? style.dark : style.light, dash: style.dash };
  },
});

const query = (): MediaQueryList => matchMedia('(prefers-color-scheme: dark)');

export function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return themeOf(theme ? theme === 'dark' : query().matches);
}

/** Calls back with the theme now and whenever it changes; returns what ends that. */
export function watchTheme(use: (theme: Theme) => void): () => void {
  const tell = (): void => use(currentTheme());
  const media = query();
  const attribute = new MutationObserver(tell);
  media.addEventListener('change', tell);
  attribute.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  tell();
  return () => {
    media.removeEventListener('change', tell);
    attribute.disconnect();
  };
}
