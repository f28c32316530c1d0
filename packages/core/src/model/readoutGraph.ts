/** A graph that ends in what an objective reads of the logits. */
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';

export interface ReadoutGraph {
  readonly graph: Graph;
  readonly fetch: { readonly picked: Value; readonly lse: Value };
}
