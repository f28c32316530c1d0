/** Elements in one expression. Text is always set as text, never parsed. */
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** `on…` attributes are listeners; false and undefined leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children);
  return element;
}

/** Calls back once the element has a size, and whenever its width changes; returns what ends that. */
export function watchWidth(element: HTMLElement, use: (width: number) => void): () => void {
  let width = 0;
  const observer = new ResizeObserver(() => {
    // a height that follows from the width would otherwise call this again and again
    const now = Math.floor(element.clientWidth);
    if (now > 0 && now !== width) use((width = now));
  });
  observer.observe(element);
  return () => observer.disconnect();
}

/** The same for width and, if its place gives it one, height. */
export function watchSize(
  element: HTMLElement,
  hasHeight: boolean,
  use: (size: { width: number; height: number }) => void,
): () => void {
  if (!hasHeight) return watchWidth(element, (width) => use({ width, height: 0 }));
  let [width, height] = [0, 0];
  const observer = new ResizeObserver(() => {
    const [across, down] = [Math.floor(element.clientWidth), Math.floor(element.clientHeight)];
    if (across <= 0 || down <= 0 || (across === width && down === height)) return;
    [width, height] = [across, down];
    use({ width, height });
  });
  observer.observe(element);
  return () => observer.disconnect();
}
