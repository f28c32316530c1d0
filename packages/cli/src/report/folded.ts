/** A part of the report that is opened by a click. */
import { escapeHtml } from '@circuit-tuning/web/draw/static';

export const folded = (summary: string, content: string): string =>
  `<details><summary>${escapeHtml(summary)}</summary>${content}</details>`;
