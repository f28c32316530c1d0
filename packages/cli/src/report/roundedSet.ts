/** The circuits of a report: four digits are more than a picture shows, and a third of the bytes. */
import type { GraphJson } from '@circuit-tuning/core';
import { circuitSet, type CircuitSet } from '@circuit-tuning/web/draw/static';

export function roundedSet(
  graphs: readonly { readonly key: string; readonly graph: GraphJson }[],
): CircuitSet | undefined {
  if (graphs.length === 0) return undefined;
  const set = circuitSet(graphs);
  return {
    ...set,
    circuits: set.circuits.map((circuit) => ({
      ...circuit,
      score: Array.from(circuit.score, (score) => (score === null ? null : Number(score.toPrecision(4)))),
    })),
  };
}
