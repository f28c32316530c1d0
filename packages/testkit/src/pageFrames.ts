/**
 * Errors of pages in tests. Playwright puts the page's stack into its own; vitest takes the addresses in it for files, looks
 * for source maps there, and ends with EISDIR where one is a folder of this machine (`http://127.0.0.1:8747/` is `/`), so
 * that nobody reads what was wrong with the page.
 */

/** `at f (http://127.0.0.1:8747/page.js:1:200)`, `at eval (eval at evaluate (:302:30), <anonymous>:1:7)`; not `file:///…`. */
const ofPage = /^\s*at .*(?:\b(?:https?|data|blob|chrome-extension):|<anonymous>|\beval at )/;

/** A stack without the frames that are no files of this machine. What the page said stays: it is the message. */
export const withoutPageFrames = (stack: string): string =>
  stack
    .split('\n')
    .filter((line) => !ofPage.test(line))
    .join('\n');
