import { defineOp } from '../op.js';

/**
 * What a loss needs of the logits, so that they need not all exist at once. The vocabulary is streamed in chunks of V
 * tokens, `first` being the token of column 0, and each chunk carries on from the one before:
 *   lse[m] = log(exp(lseIn[m]) + Σ_v exp(logits[m, v])),
 *   picked[m, p] = pickedIn[m, p] + (logits[m, ids[m, p] − first] where first <= ids[m, p] < first + V, else 0).
 * The first chunk has neither lseIn nor pickedIn (log 0 and 0); the others have both.
 * After the last chunk the loss is linear in the outputs: cross-entropy is lse − picked, the logit difference of two
 * answers is picked[m, 0] − picked[m, 1], and both can be seeded at once.
 */
export const pickLogits = defineOp({
  name: 'pickLogits',
  inputs: { logits: 'M V', ids: 'M P u32', lseIn: 'M', pickedIn: 'M P' },
  optional: ['lseIn', 'pickedIn'],
  outputs: { lse: 'M', picked: 'M P' },
  attrs: { first: 0 },
  // Ids beyond either end of the chunk, and in each row with P > 1 one that is picked twice.
  example: ({ M, P, V, first }, random) => {
    const ids = Float64Array.from({ length: M! * P! }, () =>
      Math.max(0, first! - 2 + Math.floor(((random() + 1) / 2) * (V! + 4))),
    );
    return { ids: ids.map((id, i) => (i % P! === P! - 1 ? ids[i - (i % P!)]! : id)) };
  },
  forward({ logits, ids, lseIn, pickedIn }, { M, V, P, first }) {
    const lse = new Float64Array(M);
    const picked = new Float64Array(M * P);
    for (let m = 0; m < M; m++) {
      const row = logits.subarray(m * V, (m + 1) * V);
      const carried = lseIn ? lseIn[m]! : -Infinity;
      const top = row.reduce((most, value) => Math.max(most, value), carried);
      lse[m] = top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), Math.exp(carried - top)));
      for (let i = m * P; i < (m + 1) * P; i++) picked[i] = (pickedIn ? pickedIn[i]! : 0) + (row[ids[i]! - first] ?? 0);
    }
    return { lse, picked };
  },
  // dLogits[m, v] = dLse · exp(logits − lse) + Σ_p [ids[m, p] = first + v] · dPicked[m, p],
  // dLseIn = dLse · exp(lseIn − lse),  dPickedIn = dPicked
  backward({ logits, ids, lseIn, pickedIn, lse, dLse, dPicked }, { M, V, P, first }) {
    const dLogits = logits.map((value, i) => dLse[Math.floor(i / V)]! * Math.exp(value - lse[Math.floor(i / V)]!));
    for (let m = 0; m < M; m++)
      for (let i = m * P; i < (m + 1) * P; i++) {
        const v = ids[i]! - first;
        if (v >= 0 && v < V) dLogits[m * V + v]! += dPicked[i]!;
      }
    return {
      dLogits,
      ...(lseIn && { dLseIn: lseIn.map((value, m) => dLse[m]! * Math.exp(value - lse[m]!)) }),
      ...(pickedIn && { dPickedIn: dPicked }),
    };
  },
});
