/** The report as one HTML text: words and tables are in it as they are read, charts and circuits come with its script. */
import {
  drawCss,
  escapeHtml,
  faithfulnessTable,
  gradedTable,
  formatNumber,
  isTuned,
  measurementTable,
  mibCharts,
  mibTable,
  nodeTable,
  outcomeTable,
  percent,
  positionTable,
  searchTable,
  tableHtml,
  testTable,
  themeCss,
  whenInWords,
  withoutScale,
  type MethodStory,
  type RunStory,
} from '@circuit-tuning/web/draw/static';
import { dynamicsSection } from './dynamicsSection.js';
import { folded } from './folded.js';
import type { RunFiles } from './readRun.js';
import { reportCss } from './reportCss.js';
import { stabilitySections, survivalInWords } from './stabilitySections.js';

/** `script` is browser code; `picture` an SVG for readers without scripts. */
export function reportHtml(run: RunFiles, script: string, picture?: string): string {
  const { name, story, asked, notes, files, experiment, manifest, analysis, nodes, positions, stability } = run;
  const tests = testTable(story.faithfulness);
  const hasTuning = isTuned(story);
  const hasSearches = story.methods.some(({ searches }) => searches.length > 0);
  const hasCourse = story.methods.some(({ searches }) => searches.length > 1);
  const hasCurve = mibCharts(story).length > 0;
  const sections = [
    section('What was asked', asked.length > 0 && facts(asked)),
    section('What came of it', story.methods.length > 0 && `${lead(story)}${tableHtml(outcomeTable(story))}`),
    section(
      'How much of the task the circuit carries',
      story.faithfulness.some(({ rows }) => rows.length > 0) &&
        `<p>The model is run with only the circuit’s edges left as they are and all others ablated. 1 means that the circuit does the task as well as the whole model, 0 that it does no better than with every edge ablated. The grey band spans random circuits of the same size.</p>${scaleNote(story)}
<div id="faithfulness-charts"></div>${folded('Faithfulness as a table', tableHtml(faithfulnessTable(story)))}`,
    ),
    section(
      'How faithful circuits of each size are',
      hasCurve &&
        `<p>Circuits of the strongest edges, from a thousandth of the graph to all of it. The areas under and beside the curves are those of the Mechanistic Interpretability Benchmark; random circuits of as many edges, and of as many parameters, are the scale: their line is the mean, the area spans the draws.</p><div id="mib-charts"></div>${folded('These curves as a table', tableHtml(mibTable(story)))}`,
    ),
    section(
      'What else the circuit was put to',
      tests &&
        `<p>Completeness is near 0 where nothing outside the circuit does the same work. Scores are estimates: exact effects are what the metric loses when an edge alone is ablated for real. tests.json has every edge.</p>${tableHtml(tests)}`,
    ),
    section(
      'Which nodes matter, and where in the text',
      (nodes || positions) &&
        `<p>Of the circuit before tuning. A node’s score is what it does by all its edges together; what positions add to an edge adds up to its score.</p>${nodes ? tableHtml(nodeTable(nodes, SHOWN)) + (nodes.nodes.length > SHOWN ? folded(`All ${nodes.nodes.length} nodes`, tableHtml(nodeTable(nodes))) : '') : ''}${positions ? tableHtml(positionTable(positions, SHOWN)) + (positions.edges.length > SHOWN ? folded(`All ${positions.edges.length} edges by position`, tableHtml(positionTable(positions))) : '') : ''}`,
    ),
    section(
      'How much of the circuit another draw of the data would leave',
      stability &&
        `<p class="lead">${escapeHtml(survivalInWords(stability))}</p>${stabilitySections(stability)
          .map(({ title, html }) => `<h3>${title}</h3>${html}`)
          .join('')}`,
    ),
    section(
      'How it went',
      hasTuning &&
        `<div id="curve-charts"></div>${folded('Measurements as a table', tableHtml(measurementTable(story)))}${story.methods.map(stepsOf).join('')}`,
    ),
    section('Answers that the model wrote', story.graded?.length && tableHtml(gradedTable(story))),
    section(
      'How the circuit changed over searches',
      hasSearches &&
        `${hasCourse ? `<p>${COURSE}</p><div id="search-charts"></div>` : ''}${folded('Searches as a table', tableHtml(searchTable(story)))}`,
    ),
    section('How it learnt', analysis && dynamicsSection(analysis)),
    section(
      story.circuits && story.circuits.circuits.length > 1 ? 'The circuit before and after' : 'The circuit',
      story.circuits &&
        `<p>Each node is a part of the model: an attention head, an MLP, the input, the logits. An edge from one node to another says how much of what the first writes matters, as the second reads it, to the metric. A circuit is the set of edges that matter most.</p>
<div id="circuits"></div>${picture ? `<noscript>${picture}</noscript>` : ''}`,
    ),
    section('Files', files.length > 0 && filesTable(run)),
    section(
      'For the record',
      (experiment !== undefined || manifest !== undefined) &&
        [
          experiment === undefined
            ? ''
            : folded('experiment.yaml', `<pre tabindex="0">${escapeHtml(experiment)}</pre>`),
          manifest === undefined ? '' : folded('manifest.json', `<pre tabindex="0">${escapeHtml(manifest)}</pre>`),
        ].join(''),
    ),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">
<title>${escapeHtml(name)}: circuit-tuning report</title>
<style>${themeCss}${drawCss}${reportCss}</style>
</head>
<body>
<main>
<header><p class="kind">circuit-tuning report</p><h1>${escapeHtml(name)}</h1></header>
${notes.length > 0 ? `<aside><ul>${notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ul></aside>` : ''}
${sections.join('\n')}
</main>
<script type="application/json" id="story">${asJson(story)}</script>
<script>${asScript(script)}</script>
</body>
</html>
`;
}

/** Rows that stand open; the rest is folded. */
const SHOWN = 15;

const COURSE =
  'Overlap is the share of edges, or of nodes, that two circuits have in common, of all that either has: 1 is the same circuit. Entropy says whether scores are spread over many edges or lie on few: it falls as few edges take over. The last charts put what is kept on the axis of what stays: perplexity on the kept sets, before over now (1 is all that was there; the area spans the sets), accuracy on the target, and the overlap with the first circuit.';

const section = (title: string, content: string | false | 0 | undefined): string =>
  content ? `<section><h2>${title}</h2>${content}</section>` : '';

const facts = (asked: RunFiles['asked']): string =>
  `<dl class="facts">${asked.map(([label, value]) => `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>`;

/** What the run was for, in a sentence or two: the method `circuit` if it ran, beside `full`. */
function lead({ methods, metric }: RunStory): string {
  const sentences = ['circuit', 'full'].flatMap((name) => {
    const found = methods.find(({ method }) => method === name);
    return found ? sentence(found, metric) : [];
  });
  const others = methods.length > 0 && sentences.length === 0 ? sentence(methods[0]!, metric) : sentences;
  return others.map((text) => `<p class="lead">${escapeHtml(text)}</p>`).join('');
}

function sentence({ method, measured, done, steps }: MethodStory, metric: string): string[] {
  const [before, after] = [measured[0], measured.at(-1)];
  if (!before || !after || before === after) return [];
  const what = { circuit: 'Tuning only the circuit', full: 'Tuning every parameter' }[method] ?? `The method ${method}`;
  const won =
    before.accuracy === undefined || after.accuracy === undefined
      ? ''
      : ` (right in ${percent(before.accuracy)} of cases before, ${percent(after.accuracy)} after)`;
  const kept = Object.entries(after.keep).flatMap(([name, { perplexity }]) => {
    const base = before.keep[name]?.perplexity;
    return perplexity === undefined || base === undefined ? [] : [{ name, base, perplexity }];
  });
  // of many sets the one that suffered most; the table has all
  const suffered = kept.toSorted((a, b) => b.perplexity / b.base - a.perplexity / a.base);
  const changes = (kept.length > 2 ? suffered.slice(0, 1) : kept).map(
    ({ name, base, perplexity }) => `${name} from ${formatNumber(base, 3)} to ${formatNumber(perplexity, 3)}`,
  );
  const scope = kept.length > 2 ? `the worst off of ${kept.length} kept sets is, by perplexity,` : 'perplexity of';
  return [
    `${what} took ${metric} from ${formatNumber(before.value, 3)} to ${formatNumber(after.value, 3)}${won} in ${done?.steps ?? steps.at(-1)?.step ?? 0} steps` +
      `${done ? `, moving ${formatNumber(done.moved)} parameters` : ''}${changes.length > 0 ? `; ${scope} ${changes.join(', of ')}` : ''}.`,
  ];
}

/** Faithfulness is a share of a difference; where there is hardly one, it says nothing. */
function scaleNote(story: RunStory): string {
  const found = withoutScale(story).map(({ when, rows }) => {
    const { clean, ablated } = rows[0]!;
    return `${whenInWords(story, when)} ${formatNumber(clean, 3)} and ${formatNumber(ablated, 3)}`;
  });
  const words = `Take care: the whole model and the model with all edges ablated hardly differ (${found.join('; ')}), and a share of so small a difference means little.`;
  return found.length > 0 ? `<p class="care">${escapeHtml(words)}</p>` : '';
}

/** Filled when it is opened: a run of thousands of steps is a table of thousands of rows. */
const stepsOf = ({ method, steps }: MethodStory): string =>
  steps.length === 0
    ? ''
    : `<details data-steps="${escapeHtml(method)}"><summary>Every step of ${escapeHtml(method)} as a table</summary><noscript><p>Without scripts: the lines of kind “step” in events.jsonl.</p></noscript></details>`;

const whatIsIn: readonly (readonly [RegExp, string])[] = [
  [/^manifest\.json$/, 'versions, adapter, hashes of model, data and experiment, status'],
  [/^experiment\.yaml$/, 'the experiment, every default written out'],
  [/^events\.jsonl$/, 'every measurement, search and step, one JSON a line'],
  [/^analysis\.json$/, 'learning dynamics: turnover, trends, concentration, where the updates lie'],
  [/^analysis\..*\.(csv|parquet)$/, 'a table of it'],
  [/^circuits\/.*\.json$/, 'a circuit in EAP-IG’s graph JSON'],
  [/^circuits\/.*\.safetensors$/, 'its scores, [sources, reads]'],
  [/^graded\//, 'answers that the model wrote, and their grades, one JSON a line'],
  [/^scores\/.*nodes\.json$/, 'scores of nodes, the strongest first'],
  [/^scores\/.*positions\.json$/, 'what each position adds to the edges of the circuit'],
  [/^scores\/.*positions\.safetensors$/, 'the same of all edges, [positions, sources, reads]'],
  [/^scores\/.*examples\.safetensors$/, 'scores of each example, [examples, sources, reads]'],
  [/^stability\/stability\.json$/, 'intervals of edges, and how much of the circuit other draws leave'],
  [/^stability\/core\.json$/, 'the stable core in EAP-IG’s graph JSON'],
  [/^tests\.json$/, 'completeness, minimality and exact effects, by edge'],
  [/^mib\//, 'the faithfulness curve under the names of the benchmark’s results'],
  [/^checkpoints\//, 'to resume from'],
  [/^model\//, 'the tuned model in Hugging Face layout'],
  [/^adapter\//, 'low-rank adapters, as PEFT reads them'],
  [/^delta\//, 'what tuning changed, to be applied to the base model'],
];

function filesTable({ files }: RunFiles): string {
  const table = tableHtml({
    caption: 'Files of the run folder',
    hideCaption: true,
    columns: [{ head: 'File' }, { head: 'Bytes', isNumber: true }, { head: 'Holds' }],
    rows: files.map(({ path, bytes }) => [path, bytes, whatIsIn.find(([pattern]) => pattern.test(path))?.[1] ?? '']),
  });
  const where = '<p>All numbers of this report come from these files, beside it in the run folder.</p>';
  return where + (files.length > 12 ? folded(`${files.length} files`, table) : table);
}

/** Neither ends the script element it stands in. */
const asJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
const asScript = (code: string): string => code.replaceAll(/<(?=\/script)/gi, '\\x3c');
