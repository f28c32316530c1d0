/** Tensors that a file holds under a prefix before their Hugging Face names: weights, gradients, weights after a step. */
import {
  memorySource,
  openSafetensors,
  openWeights,
  readBytes,
  writeSafetensors,
  type ModelConfig,
  type SafetensorsFile,
  type TensorData,
  type Weights,
} from '@circuit-tuning/core';

export type Tensors = ReadonlyMap<string, TensorData>;

/** By their names without the prefix, or by what `rename` makes of those; undefined leaves a tensor out. */
export async function tensorsAt(
  file: SafetensorsFile,
  prefix: string,
  rename: (name: string) => string | undefined = (name) => name,
): Promise<Tensors> {
  const found = new Map<string, TensorData>();
  for (const [tensor, { dtype, shape }] of file.tensors) {
    const name = tensor.startsWith(prefix) ? rename(tensor.slice(prefix.length)) : undefined;
    if (name !== undefined) found.set(name, { name, dtype, shape, bytes: await readBytes(file, tensor) });
  }
  return found;
}

/** Read as if they were the weights of a model; of tensors given twice the later ones count. */
export async function asWeights(config: ModelConfig, where: string, ...given: readonly Tensors[]): Promise<Weights> {
  const tensors = new Map(given.flatMap((each) => [...each]));
  return openWeights(config, [await openSafetensors(memorySource(where, writeSafetensors([...tensors.values()])))]);
}
