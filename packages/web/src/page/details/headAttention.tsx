/** What a head looks at in the prompt that the reader typed: before tuning, and as the model is now. */
import { useEffect, useRef } from 'preact/hooks';
import { attentionMap, type AttentionMap, type AttentionPicture } from '../../draw/attentionMap.js';
import type { AttentionPattern } from '../../engine/protocol.js';
import { asking, promptShown } from '../asking.js';
import { hasModel, whoAnswers } from '../opened.js';
import { isLive, moments } from '../state.js';
import { useAnswer } from './useAnswer.js';

export function HeadAttention({ node }: { node: string }) {
  const prompt = promptShown.value;
  const canAsk = hasModel() && asking.value !== undefined;
  const about = canAsk && prompt !== '' ? `${node} ${prompt}` : undefined;
  const { value, isAsking, trouble } = useAnswer(about, `${moments.value.length} ${whoAnswers()}`, () =>
    asking.value!.attention(node, prompt),
  );
  return (
    <section aria-busy={isAsking}>
      <h4>What it looks at</h4>
      {about === undefined && (
        <p class="hint">
          {isLive.value || canAsk
            ? 'Type a prompt under “Try it”, and which words this head looks at stands here.'
            : 'Attention is computed by the model, which “Try it” can load where this run has it.'}
        </p>
      )}
      {trouble && <p class="trouble">{trouble}</p>}
      {value ? <Pattern pattern={value} /> : isAsking && <p class="hint">Asking the model…</p>}
    </section>
  );
}

function Pattern({ pattern: { tokens, base, tuned } }: { pattern: AttentionPattern }) {
  const place = useRef<HTMLDivElement>(null);
  const map = useRef<AttentionMap>(undefined);
  useEffect(() => {
    const pictures: AttentionPicture[] = base ? [{ name: 'base model', pattern: base }] : [];
    if (tuned) pictures.push({ name: 'tuned', pattern: tuned });
    if (map.current) map.current.set(tokens, pictures);
    else {
      map.current = attentionMap(tokens, pictures);
      place.current!.append(map.current.element);
    }
  }, [tokens, base, tuned]);
  useEffect(() => () => map.current?.destroy(), []);
  return <div ref={place} />;
}
