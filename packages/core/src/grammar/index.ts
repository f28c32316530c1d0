export { structures, type Structure } from './agreement.js';
export { constructions, type Construction } from './constructions.js';
export { entropies } from './entropy.js';
export {
  agreementPairs,
  disagreementText,
  plainText,
  trainingText,
  type AgreementOptions,
  type RowsOptions,
} from './tasks.js';
export { tokenizerConfig, tokenizerJson, vocabulary } from './vocabulary.js';
