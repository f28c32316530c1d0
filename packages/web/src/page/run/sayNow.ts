/** What a run is doing at this moment and why it matters, in plain words. */
import type { CheckedFacts, Status } from '../../engine/protocol.js';
import { formatNumber } from '../../draw/table.js';

export interface Said {
  readonly what: string;
  /** For a reader to whom all of this is new. */
  readonly why?: string;
}

/** Of the run as far as it is known; all of it may be missing. */
export interface Known {
  readonly facts?: CheckedFacts | undefined;
  /** Edges of the whole graph. */
  readonly edges?: number | undefined;
  /** Numbers that may move at the newest step. */
  readonly tuned?: number | undefined;
}

export function sayNow(status: Status, known: Known = {}): Said {
  const { phase } = status;
  const at = stageOf(status, known);
  if (phase === 'idle') return { what: 'Nothing runs yet.' };
  if (phase === 'paused') return { what: at ? `Paused. ${at.what}` : 'Paused.' };
  if (phase === 'stopped') return { what: 'Stopped. What was found is kept, and the run can go on.' };
  if (phase === 'done') return { what: doneText(known), why: 'Move the slider to see how the circuit changed.' };
  if (phase === 'failed') return { what: status.isLost ? 'The graphics device was lost.' : 'The run could not go on.' };
  return at ?? { what: phase === 'loading' ? 'Loading …' : 'Running …' };
}

/** The stage by its label: those of the experiment, and of loading. Labels that are new stand for themselves. */
function stageOf({ what, done, of }: Status, { facts, edges, tuned }: Known): Said | undefined {
  if (what === undefined) return undefined;
  const numbers = facts && formatNumber(facts.model.parameters);
  const method = /^tuning: (.*)$/.exec(what)?.[1];
  if (method !== undefined) {
    const step = done === undefined ? '' : `, step ${formatNumber(done)}${of ? ` of ${formatNumber(of)}` : ''}`;
    const moving =
      tuned === undefined ? '' : `: ${formatNumber(tuned)}${numbers ? ` of ${numbers}` : ''} numbers may move`;
    return { what: `Tuning ${TUNED[method] ?? `by ${method}`}${step}${moving}`, why: whyOf(method) };
  }
  const which = edges === undefined ? 'which edges' : `which of ${formatNumber(edges)} edges`;
  switch (what) {
    case 'loading the model':
      return { what: 'Loading the model onto the device', why: numbers && `${numbers} numbers make up this model.` };
    case 'measuring the base model':
      return {
        what: 'Measuring the model as it is',
        why: 'How well does it do the task, and what else can it do that tuning should not break?',
      };
    case 'finding the circuit':
      return {
        what: `Finding the circuit: ${which} carry the task?`,
        why: 'Each edge is scored by how much the answer would change without it.',
      };
    case 'finding the circuit again':
      return { what: `Finding the circuit again: ${which} carry the task now?`, why: 'Training may have moved it.' };
    case 'testing circuits':
      return {
        what: 'Testing: does the circuit alone still do it?',
        why: 'All other edges carry the wrong example. Random circuits of the same size are tested too.',
      };
    default:
      return { what: what[0]!.toUpperCase() + what.slice(1) };
  }
}

const whyOf = (method: string): string | undefined =>
  ({
    circuit: 'Only the parts of the circuit learn; every few steps the circuit is searched for again.',
    full: 'Every number of the model learns: what circuit-tuning is compared with.',
    random: 'As many edges, drawn by lot: is it the circuit that matters, or only its size?',
    fixed: 'The first circuit is kept throughout: does it help to search again?',
  })[method];

function doneText({ facts }: Known): string {
  if (!facts || facts.methods.length === 0) return 'Done.';
  const { methods, steps } = facts;
  const by = methods.length === 1 ? 'one method' : `each of ${methods.length} methods`;
  return `Done: ${formatNumber(steps)} steps by ${by}.`;
}

const TUNED: Readonly<Record<string, string>> = {
  circuit: 'only the circuit',
  full: 'all parameters',
  random: 'random edges',
  fixed: 'only the first circuit',
};
