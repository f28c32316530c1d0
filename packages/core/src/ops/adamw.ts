import { defineOp } from '../op.js';
import { gradFactor, optimizerExample } from './optimizer.js';

/**
 * With g = grad · gradScale · clip, in rows where mask[u] ≠ 0:
 *   age ← age + 1,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
 *   param ← param · (1 − lr · weightDecay) − lr · m̂ / (√v̂ + eps),  m̂ = m / (1 − β₁^age),  v̂ = v / (1 − β₂^age)
 * age[u] counts the steps that updated row u, so a row that joins late is corrected for its own youth, not the run's.
 * Rows with mask[u] = 0 keep every bit of param, m, v and age. hyper and norm2: see optimizer.ts; J = 8, O = 1.
 * Sources: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101;
 * https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export const adamw = defineOp({
  name: 'adamw',
  inputs: { param: 'U D', grad: 'U D', m: 'U D', v: 'U D', age: 'U', mask: 'U', hyper: 'J', norm2: 'O' },
  outputs: { paramOut: 'U D', mOut: 'U D', vOut: 'U D', ageOut: 'U' },
  inPlace: { paramOut: 'param', mOut: 'm', vOut: 'v', ageOut: 'age' },
  example: ({ U, D }, random) => {
    const { mask, hyper, norm2, v, age } = optimizerExample(U!, D!, random, [0.1, 0.9, 0.999, 1e-8, 0.01, 0.5, 1, 0]);
    return { mask, hyper, norm2, v, age };
  },
  forward({ param, grad, m, v, age, mask, hyper, norm2 }, { U, D }) {
    const [paramOut, mOut, vOut, ageOut] = [param.slice(), m.slice(), v.slice(), age.slice()];
    const [lr, beta1, beta2, eps, weightDecay] = hyper as unknown as [number, number, number, number, number];
    const factor = gradFactor(hyper, norm2);
    for (let u = 0; u < U; u++) {
      if (mask[u] === 0) continue;
      ageOut[u] = age[u]! + 1;
      const young1 = 1 - beta1 ** ageOut[u]!;
      const young2 = 1 - beta2 ** ageOut[u]!;
      for (let i = u * D; i < (u + 1) * D; i++) {
        const g = grad[i]! * factor;
        mOut[i] = beta1 * m[i]! + (1 - beta1) * g;
        vOut[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        paramOut[i] =
          param[i]! * (1 - lr * weightDecay) - ((lr / young1) * mOut[i]!) / (Math.sqrt(vOut[i]! / young2) + eps);
      }
    }
    return { paramOut, mOut, vOut, ageOut };
  },
});
