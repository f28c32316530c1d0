import { defineOp } from '../op.js';
import { exampleSlices, gradFactor, optimizerExample, sliceRow } from './optimizer.js';

/**
 * With g = grad · gradScale · clip, for the numbers in `slices`:
 *   age ← age + 1,  m ← β₁ m + (1 − β₁) g,  v ← β₂ v + (1 − β₂) g²
 *   param ← param · (1 − lr · weightDecay) − lr · m̂ / (√v̂ + eps),  m̂ = m / (1 − β₁^age),  v̂ = v / (1 − β₂^age)
 * age counts the steps that updated a unit, so a unit that joins late is corrected for its own youth, not the run's.
 * All other numbers keep every bit of param, m, v and age. slices, hyper and norm2: see optimizer.ts; Q = 6, J = 8, O = 1.
 * Sources: Loshchilov & Hutter 2019, https://arxiv.org/abs/1711.05101;
 * https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export const adamw = defineOp({
  name: 'adamw',
  inputs: { param: 'A', grad: 'G', m: 'N', v: 'N', age: 'U', slices: 'M Q u32', hyper: 'J', norm2: 'O' },
  outputs: { paramOut: 'A', mOut: 'N', vOut: 'N', ageOut: 'U' },
  inPlace: { paramOut: 'param', mOut: 'm', vOut: 'v', ageOut: 'age' },
  example: (dims, random) => {
    const example = optimizerExample(dims, random, [0.1, 0.9, 0.999, 1e-8, 0.01, 0.5, 1, 0]);
    return { slices: exampleSlices(dims), ...example };
  },
  forward({ param, grad, m, v, age, slices, hyper, norm2 }, { M }) {
    const [paramOut, mOut, vOut, ageOut] = [param.slice(), m.slice(), v.slice(), age.slice()];
    const [lr, beta1, beta2, eps, weightDecay] = hyper as unknown as [number, number, number, number, number];
    const factor = gradFactor(hyper, norm2);
    for (let s = 0; s < M; s++) {
      const at = sliceRow(slices, s);
      for (let i = 0; i < at.length; i++) {
        const unit = at.unit + at.each * i;
        const steps = (ageOut[unit] = age[unit]! + 1);
        const n = at.state + i;
        const g = grad[at.grad + i]! * factor;
        mOut[n] = beta1 * m[n]! + (1 - beta1) * g;
        vOut[n] = beta2 * v[n]! + (1 - beta2) * g * g;
        const step = ((lr / (1 - beta1 ** steps)) * mOut[n]!) / (Math.sqrt(vOut[n]! / (1 - beta2 ** steps)) + eps);
        paramOut[at.param + i] = param[at.param + i]! * (1 - lr * weightDecay) - step;
      }
    }
    return { paramOut, mOut, vOut, ageOut };
  },
});
