/** An experiment with everything it works on: models and tasks read, every default filled in. `prepare.ts` makes it. */
import type { Metric } from '../circuit/metric.js';
import type { Nodes } from '../circuit/nodes.js';
import type { Selection } from '../circuit/select.js';
import type { Model } from '../io/hfFolder.js';
import type { Example } from '../task/example.js';
import type { GradedRow } from '../task/gradedRows.js';
import type { Experiment } from './experiment.js';

export interface Prepared {
  readonly experiment: Experiment;
  readonly base: Model;
  readonly nodes: Nodes;
  readonly metric: Metric;
  /** Edges a search keeps at most; all, where a threshold says which. */
  readonly topN: number;
  /** By which rule. */
  readonly select: Selection;
  /** What each part of the experiment works on, limits applied. */
  readonly search: readonly Example[];
  readonly train: readonly Example[];
  readonly target: readonly Example[];
  /** Those of the task whose sides stand position against position, as patching needs them. */
  readonly pairs: readonly Example[];
  readonly keep: Readonly<Record<string, readonly Example[]>>;
  readonly prejudice: Readonly<Record<string, readonly Example[]>>;
  /** Prompts whose answers are graded. */
  readonly graded: Readonly<Record<string, readonly GradedRow[]>>;
  readonly warnings: readonly string[];
  /** Bytes that a search may keep for its step; see SearchOptions. The bits of a run do not depend on it. */
  readonly forwardBytes?: number;
}
