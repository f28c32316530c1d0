/**
 * Trains the embedded model from its recipe: the engine's own tuning, with every parameter in the mask and random weights
 * to start from.
 */
import {
  createTokenizer,
  DeviceModel,
  exportNewModel,
  initialise,
  readTask,
  textFile,
  tokenizerConfig,
  tokenizerJson,
  trainingText,
  Tuning,
  type OutputFile,
  type Session,
} from '@circuit-tuning/core';
import { configOf, type Recipe } from './recipe.js';

export interface Trained {
  readonly model: DeviceModel;
  /** A Hugging Face folder. */
  readonly files: readonly OutputFile[];
}

/** `steps` stops earlier on the same way: the learning rate still follows the whole recipe. */
export async function train(
  session: Session,
  recipe: Recipe,
  { steps = recipe.training.steps, onStep }: { steps?: number; onStep?: (step: number, loss: number) => void } = {},
): Promise<Trained> {
  const config = configOf(recipe);
  const { training, text, seed } = recipe;
  const tokenizerFiles = { json: tokenizerJson(), config: tokenizerConfig(config) };
  const tokenizer = createTokenizer(tokenizerFiles.json, tokenizerFiles.config);
  const rows = trainingText({ seed: text.seed, count: text.sentences });
  const { examples } = readTask(rows.map((row) => JSON.stringify(row)).join('\n'), {
    name: 'training text',
    tokenizer,
    vocabSize: config.V,
    maxTokens: config.T,
  });
  const model = await DeviceModel.load(session, config, initialise(config, seed));
  const tuning = new Tuning(model, examples, {
    method: 'full',
    objective: 'all',
    steps: training.steps,
    batchSize: training.batch_size,
    accumulation: 1,
    seed,
    optimizer: 'adamw',
    lr: training.learning_rate,
    betas: training.betas,
    eps: 1e-8,
    momentum: 0,
    // It would reach norms and biases too, and this text does not repeat often enough to be learned by heart.
    weightDecay: 0,
    maxNorm: training.max_norm,
    warmupSteps: training.warmup_steps,
    schedule: 'cosine',
  });
  for await (const event of tuning.run()) {
    if (event.kind !== 'step') continue;
    onStep?.(event.step, event.loss);
    if (event.step >= steps) break;
  }
  return {
    model,
    files: [
      ...exportNewModel(config, model),
      textFile('tokenizer.json', pretty(tokenizerFiles.json)),
      textFile('tokenizer_config.json', pretty(tokenizerFiles.config)),
    ],
  };
}

const pretty = (json: object): string => `${JSON.stringify(json, null, 2)}\n`;
