/** Ordinary fine-tuning: embeddings, norms and unembedding too. */
import type { TuningMethod } from './method.js';

export const full: TuningMethod = { searches: 'never', about: 'every parameter of the model' };
