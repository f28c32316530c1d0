/** The `sweep` section of an experiment file: which keys take which values in turn, with which seeds, at which rate. */
import * as z from 'zod';

const values = z.array(z.unknown()).min(1);
const variants = z.record(z.string(), z.record(z.string(), z.unknown()));

const learningRate = z
  .strictObject({
    grid: z.array(z.number().positive()).min(1).describe('Rates that are tried, the same for every cell.'),
    steps: z.int().min(1).describe('Steps of each try.'),
    seed: z.int().min(0).default(0).describe('Seed of each try: none of those that count.'),
    better: z.enum(['higher', 'lower']).describe('Which way the target metric is to go.'),
    bound: z
      .number()
      .min(1)
      .describe('Most that perplexity on what is kept may grow, as a factor: the geometric mean of all texts.'),
  })
  .describe('Gives every cell a rate of its own, by the same search.');

export const sweepSchema = z
  .strictObject({
    cells: z
      .record(
        z.string(),
        z.union([values, variants], {
          error: "must be a list of values for the key of that name, or names with a section of 'key: value' each",
        }),
      )
      .describe('Keys of the experiment with the values they take in turn: every combination is a cell.'),
    seeds: z.array(z.int().min(0)).min(1).optional().describe('Each cell is run with each of them. Default: the seed.'),
    learning_rate: learningRate.optional(),
  })
  .describe('Runs the experiment once for each combination of values, and gathers one table.');

export type SweepSection = z.output<typeof sweepSchema>;
export type RateSearch = z.output<typeof learningRate>;
