import { Random } from '../task/random.js';
import { constructions, type Construction } from './constructions.js';
import { Draw } from './draw.js';
import { mixture, sentence } from './sentences.js';

type Kind = Construction | 'agreement';

/**
 * The loss that is left to a perfect model of the training text, in nats per predicted word: a Monte Carlo mean over
 * `count` sentences of each kind. Such a model is not told the kind and does not predict the first word, so
 * −log p(sentence) = nats − log p(kind) + log p(first word).
 */
export function entropies({ seed, count }: { seed: number; count: number }): Readonly<Record<Kind, number>> {
  const kinds: readonly Kind[] = ['agreement', ...constructions];
  const draw = new Draw(new Random(seed));
  const total = kinds.reduce((sum, kind) => sum + mixture[kind], 0);
  const share = (kind: Kind): number => mixture[kind] / total;
  const written = new Map(
    kinds.map((kind) => [kind, Array.from({ length: count }, () => sentence(draw, kind, false))] as const),
  );
  const firsts = new Map<string, number>();
  for (const [kind, sentences] of written)
    for (const { words } of sentences) firsts.set(words[0]!, (firsts.get(words[0]!) ?? 0) + share(kind) / count);
  const entropy = (kind: Kind): number => {
    const sentences = written.get(kind)!;
    let nats = 0;
    let predicted = 0;
    for (const one of sentences) {
      nats += one.nats - Math.log(share(kind)) + Math.log(firsts.get(one.words[0]!)!);
      predicted += one.words.length - 1;
    }
    return nats / predicted;
  };
  return {
    agreement: entropy('agreement'),
    gender: entropy('gender'),
    determiner: entropy('determiner'),
    copy: entropy('copy'),
    succession: entropy('succession'),
    recall: entropy('recall'),
  };
}
