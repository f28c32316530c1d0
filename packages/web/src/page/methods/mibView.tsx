/** Faithfulness over MIB's fractions of the edges, whose areas are CPR and CMD, beside random circuits. */
import { mibCharts, mibTable, type MibChart } from '../../record/mibCurves.js';
import type { RunStory } from '../../record/story.js';
import { LineChartView } from '../charts/lineChartView.js';
import { Disclosure, TableView } from '../charts/tableView.js';
import './mibView.css';

/** Nothing where the experiment did not ask for it. */
export function MibView({ story }: { story: RunStory }) {
  const charts = mibCharts(story);
  if (charts.length === 0) return null;
  return (
    <div class="mib">
      <h3>How faithful are circuits of each size?</h3>
      <p class="hint">
        The strongest edges alone, from a thousandth of the graph to all of it. CPR and CMD are areas of these curves
        (Mechanistic Interpretability Benchmark). Random circuits of as many edges, and of as many parameters, are the
        scale: their line is the mean, the area spans the draws.
      </p>
      <div class="pictures-of-methods">
        {charts.map((chart) => (
          <Chart key={chart.title} {...chart} />
        ))}
      </div>
      <Disclosure summary="These curves as a table">{() => <TableView table={mibTable(story)} />}</Disclosure>
    </div>
  );
}

const Chart = ({ title, lines, yRange }: MibChart) => (
  <LineChartView
    series={lines}
    options={{
      title,
      xLabel: '% of the edges',
      isXLog: true,
      isKeyed: true,
      height: 220,
      yRange,
      levels: [
        { y: 1, text: 'whole model' },
        { y: 0, text: 'every edge cut' },
      ],
    }}
  />
);
