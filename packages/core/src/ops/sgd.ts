import { defineOp } from '../op.js';
import { exampleSlices, gradFactor, optimizerExample, sliceRow } from './optimizer.js';

/**
 * With g = grad · gradScale · clip + weightDecay · param, for the numbers in `slices`:
 *   velocity ← momentum · velocity + g,  param ← param − lr · velocity
 * All others keep every bit. slices, hyper and norm2: see optimizer.ts; Q = 6, J = 8, O = 1.
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html (dampening 0, no Nesterov).
 */
export const sgd = defineOp({
  name: 'sgd',
  inputs: { param: 'A', grad: 'G', velocity: 'N', slices: 'M Q u32', hyper: 'J', norm2: 'O' },
  outputs: { paramOut: 'A', velocityOut: 'N' },
  inPlace: { paramOut: 'param', velocityOut: 'velocity' },
  example: (dims, random) => {
    const { hyper, norm2 } = optimizerExample(dims, random, [0.1, 0.9, 0, 0, 0.01, 0.5, 1, 0]);
    return { slices: exampleSlices(dims), hyper, norm2 };
  },
  forward({ param, grad, velocity, slices, hyper, norm2 }, { M }) {
    const paramOut = param.slice();
    const velocityOut = velocity.slice();
    const [lr, momentum] = hyper as unknown as [number, number];
    const weightDecay = hyper[4]!;
    const factor = gradFactor(hyper, norm2);
    for (let m = 0; m < M; m++) {
      const at = sliceRow(slices, m);
      for (let i = 0; i < at.length; i++) {
        const old = param[at.param + i]!;
        const next = momentum * velocity[at.state + i]! + grad[at.grad + i]! * factor + weightDecay * old;
        velocityOut[at.state + i] = next;
        paramOut[at.param + i] = old - lr * next;
      }
    }
    return { paramOut, velocityOut };
  },
});
