/** How well circuits of several sizes do alone, beside random ones. */
import { faithfulnessTable } from '../../draw/report/tables.js';
import { formatNumber } from '../../draw/table.js';
import { faithfulnessLines } from '../../record/curves.js';
import { whenInWords, withoutScale, type RunStory } from '../../record/story.js';
import { drawTheme } from '../charts/drawTheme.js';
import { LineChartView } from '../charts/lineChartView.js';
import { LineSample } from '../charts/methodLegend.js';
import { Disclosure, TableView } from '../charts/tableView.js';
import './faithfulnessView.css';

/** A band is an area, a single point a dot. */
function Sample({ method, isArea, isDot }: { method: string; isArea: boolean; isDot: boolean }) {
  if (!isArea && !isDot) return <LineSample method={method} />;
  const { colour } = drawTheme.value.line(method);
  return <span class={isArea ? 'area' : 'dot'} style={{ background: isArea ? `${colour}55` : colour }} />;
}

export function FaithfulnessView({ story, isAlone }: { story: RunStory; isAlone: boolean }) {
  const { lines, yRange } = faithfulnessLines(story);
  const odd = withoutScale(story).map(({ when, rows }) => {
    const { clean, ablated } = rows[0]!;
    return `${whenInWords(story, when)} ${formatNumber(clean, 3)} and ${formatNumber(ablated, 3)}`;
  });
  return (
    <div class="faithfulness">
      {!isAlone && <h3>How faithful are the circuits?</h3>}
      <p class="hint">
        All edges outside the circuit are cut, and the metric is measured again: 1 is as good as the whole model, 0 as
        bad as with every edge cut. Random circuits of the same size stand beside it.
      </p>
      {odd.length > 0 && (
        <p class="care">
          Take care: the whole model and the model with every edge cut hardly differ ({odd.join('; ')}), and a share of
          so small a difference means little.
        </p>
      )}
      <p class="legend">
        {lines.map(({ name, look = name, band, points }) => (
          <span key={name} class="key">
            <Sample method={look} isArea={band !== undefined} isDot={points.length === 1} />
            {name}
            {band && ' (lowest to highest)'}
            {points.length === 1 && ' (one size)'}
          </span>
        ))}
      </p>
      <LineChartView
        key={yRange.join()}
        series={lines}
        options={{
          title: 'Faithfulness by number of edges',
          xLabel: 'edges',
          isXLog: true,
          height: 240,
          yRange,
          levels: [
            { y: 1, text: 'whole model' },
            { y: 0, text: 'every edge cut' },
          ],
        }}
      />
      <Disclosure summary="Faithfulness as a table">{() => <TableView table={faithfulnessTable(story)} />}</Disclosure>
    </div>
  );
}
