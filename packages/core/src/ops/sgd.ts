import { defineOp } from '../op.js';
import { gradFactor, optimizerExample } from './optimizer.js';

/**
 * With g = grad · gradScale · clip + weightDecay · param, in rows where mask[u] ≠ 0:
 *   velocity ← momentum · velocity + g,  param ← param − lr · velocity
 * Rows with mask[u] = 0 keep every bit of param and velocity. hyper and norm2: see optimizer.ts; J = 8, O = 1.
 * Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html (dampening 0, no Nesterov).
 */
export const sgd = defineOp({
  name: 'sgd',
  inputs: { param: 'U D', grad: 'U D', velocity: 'U D', mask: 'U', hyper: 'J', norm2: 'O' },
  outputs: { paramOut: 'U D', velocityOut: 'U D' },
  inPlace: { paramOut: 'param', velocityOut: 'velocity' },
  example: ({ U, D }, random) => {
    const { mask, hyper, norm2 } = optimizerExample(U!, D!, random, [0.1, 0.9, 0, 0, 0.01, 0.5, 1, 0]);
    return { mask, hyper, norm2 };
  },
  forward({ param, grad, velocity, mask, hyper, norm2 }, { U, D }) {
    const paramOut = param.slice();
    const velocityOut = velocity.slice();
    const [lr, momentum] = hyper as unknown as [number, number];
    const weightDecay = hyper[4]!;
    const factor = gradFactor(hyper, norm2);
    for (let i = 0; i < U * D; i++) {
      if (mask[Math.floor(i / D)] === 0) continue;
      velocityOut[i] = momentum * velocity[i]! + grad[i]! * factor + weightDecay * param[i]!;
      paramOut[i] = param[i]! - lr * velocityOut[i]!;
    }
    return { paramOut, velocityOut };
  },
});
