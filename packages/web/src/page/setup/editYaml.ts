/** The experiment's text as something that controls can read and change, with comments and order left as they are. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';

export type KeyPath = readonly (string | number)[];
/** What a control can put into the text. */
export type Plain = string | number | boolean | readonly string[];

/** Undefined where the text is no YAML, or no section of keys. */
function documentOf(text: string): Document | undefined {
  const document = parseDocument(text);
  return document.errors.length === 0 && (document.contents === null || isMap(document.contents))
    ? document
    : undefined;
}

/** Whether controls can work on the text. */
export const isEditable = (text: string): boolean => documentOf(text) !== undefined;

/** The whole as plain data; undefined where the text cannot be read. */
export function valuesOf(text: string): Readonly<Record<string, unknown>> | undefined {
  const document = documentOf(text);
  if (!document) return undefined;
  return (document.toJS() ?? {}) as Record<string, unknown>;
}

export function valueAt(values: unknown, path: KeyPath): unknown {
  let at = values;
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined;
  return at;
}

/** The text with other values at some places; undefined takes a key away, and a section that is empty then. */
export function withValues(text: string, changes: readonly (readonly [KeyPath, Plain | undefined])[]): string {
  const document = documentOf(text);
  if (!document) return text;
  for (const [path, value] of changes) {
    if (!makeWay(document, path)) continue;
    if (value === undefined) {
      if (!document.hasIn(path)) continue;
      document.deleteIn(path);
      const section = document.getIn(path.slice(0, -1), true);
      if (path.length > 1 && isMap(section) && section.items.length === 0) document.deleteIn(path.slice(0, -1));
    } else if (typeof value === 'object') {
      const list = document.createNode(value, { flow: true });
      const old = document.getIn(path, true);
      if (isSeq(old)) list.comment = old.comment;
      document.setIn(path, list);
    } else {
      const old = document.getIn(path, true);
      // a comment beside a name tells of what had that name
      if (typeof value === 'string' && isScalar(old) && old.value !== value) old.comment = undefined;
      document.setIn(path, value);
    }
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

/** Whether a path leads through sections only; one that is named and left empty becomes none. */
function makeWay(document: Document, path: KeyPath): boolean {
  for (let depth = 1; depth < path.length; depth++) {
    const section = document.getIn(path.slice(0, depth), true);
    if (section === undefined) return true;
    if (isMap(section)) continue;
    if (!isScalar(section) || section.value !== null) return false;
    document.deleteIn(path.slice(0, depth));
    return true;
  }
  return true;
}

/** The line, from 1, on which a key stands; where the key is missing, that of the section it belongs in. */
export function lineOfKey(text: string, path: KeyPath): number | undefined {
  const lines = new LineCounter();
  let at: unknown = parseDocument(text, { lineCounter: lines }).contents;
  let offset: number | undefined;
  for (const key of path) {
    if (isMap(at)) {
      const pair = at.items.find((it) => isScalar(it.key) && it.key.value === key);
      if (!pair) break;
      offset = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      at = pair.value;
    } else if (isSeq(at) && typeof key === 'number') {
      const item = at.items[key];
      if (isScalar(item)) offset = item.range?.[0];
      at = item;
    } else break;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}
