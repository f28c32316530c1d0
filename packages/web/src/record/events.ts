/** Lines of events.jsonl, as reports and pages read them: what is not understood is left out and counted, never guessed. */
// its classic form would be a fifth of the page
import * as z from 'zod/mini';

/** JSON has no NaN and no infinity: a number that was one is null, and is left out. */
const number = z.pipe(
  z.nullish(z.number()),
  z.transform((value) => value ?? undefined),
);

const measured = z.object({
  kind: z.literal('metric'),
  method: z.optional(z.string()),
  step: z.number(),
  target: z.object({ value: z.number(), accuracy: number }),
  keep: z.prefault(z.record(z.string(), z.object({ nll: number, perplexity: number })), {}),
});

const search = z.object({
  kind: z.literal('search'),
  method: z.optional(z.string()),
  step: z.number(),
  circuit: z.optional(z.string()),
  edges: number,
  nodes: number,
  tuned: number,
  jaccard_first: number,
  jaccard_previous: number,
  nodes_first: number,
  entered: number,
  left: number,
  entropy: number,
  top1: number,
});

const step = z.object({
  kind: z.literal('step'),
  method: z.optional(z.string()),
  step: z.number(),
  loss: z.number(),
  lr: number,
  tuned: number,
  grad_norm: number,
});

const moved = z.object({
  kind: z.literal('moved'),
  method: z.optional(z.string()),
  step: z.number(),
  relative: z.number(),
});

const share = z.pipe(
  z.nullable(z.number()),
  z.transform((value) => value ?? Number.NaN),
);
const mibCurve = z.object({
  points: z.array(
    z.object({
      fraction: z.number(),
      edges: z.number(),
      faithfulness: share,
      random_edges: z.prefault(z.array(share), []),
      random_parameters: z.prefault(z.array(share), []),
    }),
  ),
});

const faithfulness = z.object({
  kind: z.literal('faithfulness'),
  when: z.string(),
  jaccard_before: number,
  rows: z.array(
    z.object({
      edges: z.number(),
      clean: z.number(),
      circuit: z.number(),
      ablated: z.number(),
      faithfulness: share,
      random: z.pipe(
        z.prefault(z.array(z.nullable(z.number())), []),
        z.transform((values) => values.filter((value) => value !== null)),
      ),
    }),
  ),
  curve: z.optional(z.object({ cpr: z.number(), cmd: z.number(), signed: mibCurve, absolute: mibCurve })),
  completeness: number,
  minimality: z.optional(z.object({ tolerance: z.number(), tested: z.number(), needless: z.number() })),
  exact: z.optional(
    z.object({
      tested: z.number(),
      of_edges: z.number(),
      spearman: share,
      pearson: share,
      spearman_absolute: share,
      weakest: z.optional(z.object({ edge: z.string(), effect: z.number() })),
      false_negatives: z.number(),
    }),
  ),
});

const graded = z.object({
  kind: z.literal('graded'),
  when: z.string(),
  name: z.string(),
  rule: z.string(),
  examples: z.number(),
  accuracy: z.object({ share: z.number(), low: z.number(), high: z.number() }),
  unanswered: number,
  f1: z.optional(z.object({ mean: z.number(), margin: number })),
  macro: z.optional(z.object({ precision: z.number(), recall: z.number(), f1: z.number() })),
});

const done = z.object({
  kind: z.literal('done'),
  method: z.optional(z.string()),
  moved: z.number(),
  tuned_max: z.number(),
  steps: z.number(),
  seconds: z.number(),
});

const circuit = z.object({
  kind: z.literal('circuit'),
  when: z.string(),
  circuit: z.string(),
  edges: number,
  nodes: number,
  metric: number,
});

const event = z.discriminatedUnion('kind', [measured, search, circuit, step, moved, faithfulness, graded, done]);
export type ToldEvent = z.output<typeof event>;

const kinds: ReadonlySet<unknown> = new Set([
  'metric',
  'search',
  'circuit',
  'step',
  'moved',
  'faithfulness',
  'graded',
  'done',
]);

/** Kinds of other programs are passed over; lines that are no JSON, or lack what their kind must have, are counted. */
export function parseEvents(text: string): { events: ToldEvent[]; unreadable: number } {
  const events: ToldEvent[] = [];
  let unreadable = 0;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const json = parseLine(line);
    const parsed = event.safeParse(json);
    if (parsed.success) events.push(parsed.data);
    else if (json === undefined || kinds.has((json as { kind?: unknown } | null)?.kind)) unreadable++;
  }
  return { events, unreadable };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
