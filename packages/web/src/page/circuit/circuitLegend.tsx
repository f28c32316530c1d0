/** What the lines of the picture mean. */
import { besideMoment, colourBy, earlier } from '../state.js';

export function CircuitLegend() {
  return (
    <p class="legend">
      {keysNow().map(([style, text]) => (
        <span key={style} class="key">
          <span class={`line ${style}`} />
          {text}
        </span>
      ))}
      <span class="key">thicker: stronger</span>
      {colourBy.value === 'sign' && <span class="key">circle: attention head, box: MLP neurons</span>}
    </p>
  );
}

function keysNow(): (readonly [style: string, text: string])[] {
  if (colourBy.value === 'sign' || !earlier.value)
    return [
      ['positive', 'raises the metric'],
      ['negative', 'lowers it'],
    ];
  const isPair = besideMoment.value !== undefined;
  return [
    ['kept', 'as before'],
    ['entered', isPair ? 'entered: in B only' : 'entered'],
    ['left', isPair ? 'left: in A only' : 'left'],
    ['grew', 'grew'],
    ['shrank', 'shrank'],
  ];
}
