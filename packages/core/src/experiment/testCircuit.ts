/** What a found circuit is put to: faithfulness at every size asked for, its curve, and the tests that cost more. */
import { jaccard } from '../circuit/circuit.js';
import { fromGraphJson } from '../circuit/circuitJson.js';
import { isCounted, selectEdges } from '../circuit/select.js';
import { testsOf, type TestsFound } from '../evaluation/circuitTests.js';
import { faithfulnessCurves, mibResults } from '../evaluation/curve.js';
import { faithfulness } from '../evaluation/faithfulness.js';
import { openPatched } from '../evaluation/patchedModel.js';
import { textFile } from '../io/hfExport.js';
import type { FaithfulnessEvent } from './events.js';
import { CIRCUIT_BEFORE, type Found } from './findCircuit.js';
import { keptText } from './keeper.js';
import { abandonable, type Working } from './working.js';

const TESTS = 'tests.json';

/** How faithful the circuit is that was found. */
export async function testCircuit(run: Working, { event, circuit, scores }: Found): Promise<FaithfulnessEvent> {
  const { model, prepared, keeper } = run;
  const { discovery, evaluation, seed } = prepared.experiment;
  const { nodes, metric, pairs, select } = prepared;
  const { when, circuit: path } = event;
  const sizes = evaluation.faithfulness;
  // Afterwards one size is enough: the curve says what a circuit is, this says whether there still is one.
  const circuits =
    when === 'before' && sizes
      ? sizes.map((size) => selectEdges(nodes, scores.values, size, select, scores.interval))
      : sizes?.length === 0
        ? []
        : [circuit];
  const { ablation } = discovery;
  const { controls } = evaluation;
  const options = { metric, ablation, batchSize: evaluation.batch_size };
  const drawn = (what: string) => ({ controls, seed, onProgress: abandonable(run, what) });
  const rows =
    circuits.length === 0
      ? []
      : await faithfulness(model, pairs, circuits, { ...options, ...drawn('testing circuits') });
  if (when === 'before') {
    const { rule } = select;
    const { completeness, minimality, exact, sample } = evaluation;
    const drawsCurve = evaluation.curve && isCounted(rule);
    const isTested = completeness || minimality !== undefined || exact;
    if (!drawsCurve && !isTested) return { kind: 'faithfulness', when, circuit: path, rows };
    const patched = await openPatched(model, pairs, nodes, options);
    const curve = drawsCurve
      ? await faithfulnessCurves(patched, scores.values, { rule, ...drawn('drawing the faithfulness curve') })
      : undefined;
    if (curve)
      await keeper.writeFolder(
        'mib',
        Object.entries(mibResults(curve)).map(([name, it]) => textFile(name, `${JSON.stringify(it, null, 2)}\n`)),
      );
    const found = { circuit, scores: scores.values };
    const asked = { completeness, minimality, exact, sample, seed };
    const tell = (what: string) => abandonable(run, what);
    const tests = isTested ? await testsOf(model, pairs, patched, found, options, asked, tell) : undefined;
    if (tests) await keeper.write([textFile(TESTS, `${JSON.stringify(tests)}\n`)]);
    return {
      kind: 'faithfulness',
      when,
      circuit: path,
      rows,
      ...(curve && { curve }),
      ...(tests && { ...toldOf(tests), tests: TESTS }),
    };
  }
  const first = (await keptText(keeper, CIRCUIT_BEFORE)) ?? '';
  const then = fromGraphJson(first, nodes, `${keeper.name}/${CIRCUIT_BEFORE}`).circuit;
  return { kind: 'faithfulness', when, circuit: path, jaccard_before: jaccard(circuit, then), rows };
}

/** What an event tells of tests: all but the lists of edges, which have a file. */
function toldOf({ completeness, minimality, exact }: TestsFound): Partial<FaithfulnessEvent> {
  const told: { -readonly [Key in 'completeness' | 'minimality' | 'exact']?: FaithfulnessEvent[Key] } = {};
  if (completeness !== undefined) told.completeness = completeness;
  if (minimality) {
    const { tolerance, tested, needless } = minimality;
    told.minimality = { tolerance, tested, needless };
  }
  if (exact) {
    const { edges: _, false_negatives: missed, ...agreement } = exact;
    told.exact = { ...agreement, false_negatives: missed.length };
  }
  return told;
}
