/**
 * Adapters as PEFT reads them (https://huggingface.co/docs/peft, checkpoint format): adapter_config.json and
 * adapter_model.safetensors with `base_model.model.<module>.lora_A.weight` [r, in] and `lora_B.weight` [out, r].
 * GPT-2 fuses q, k and v in one module: their factors become one pair of three times the rank, A stacked and B in blocks.
 */
import { adapterNames, isWriting, type LoraOptions } from '../tuning/lora.js';
import type { ModelConfig } from '../model/config.js';
import { hfTensors, type HfPart } from '../model/hfNames.js';
import { bytesFile, textFile, type OutputFile } from './hfExport.js';
import { writeSafetensors } from './safetensorsWrite.js';

/** The two factors of a part in PEFT's orientation: A [r, in], B [out, r]. */
interface Factors {
  readonly A: Float32Array;
  readonly B: Float32Array;
  readonly fanIn: number;
  readonly fanOut: number;
}

/** @param read values of an adapter by its name, as the device holds them. */
export async function peftAdapter(
  config: ModelConfig,
  { rank, alpha }: LoraOptions,
  read: (name: string) => Promise<Float32Array>,
  basePath: string,
): Promise<OutputFile[]> {
  const tensors: Parameters<typeof writeSafetensors>[0][number][] = [];
  const ranks: Record<string, number> = {};
  const targets = new Set<string>();
  const add = (name: string, shape: readonly number[], values: Float32Array<ArrayBuffer>): void =>
    void tensors.push({ name, dtype: 'F32', shape: [...shape], bytes: new Uint8Array(values.buffer) });
  for (const { name, parts } of hfTensors(config, { prefixed: true })) {
    if (!parts.every(({ parameter }) => /\.W_(Q|K|V|O|gate|in|out)$/.test(parameter))) continue;
    const factors: Factors[] = [];
    for (const part of parts) factors.push(await factorsOf(part, rank, read));
    const module = name.replace(/\.weight$/, '');
    const target = module.split('.').at(-1)!;
    targets.add(target);
    const r = rank * parts.length;
    if (parts.length > 1) ranks[target] = r;
    const fanIn = factors[0]!.fanIn;
    const fanOut = factors.reduce((sum, part) => sum + part.fanOut, 0);
    const A = new Float32Array(r * fanIn);
    const B = new Float32Array(fanOut * r);
    let row = 0;
    for (const [i, part] of factors.entries()) {
      A.set(part.A, i * rank * fanIn);
      for (let o = 0; o < part.fanOut; o++, row++) B.set(part.B.subarray(o * rank, (o + 1) * rank), row * r + i * rank);
    }
    add(`base_model.model.${module}.lora_A.weight`, [r, fanIn], A);
    add(`base_model.model.${module}.lora_B.weight`, [fanOut, r], B);
  }
  const scaled = Object.fromEntries(Object.entries(ranks).map(([target, r]) => [target, (alpha * r) / rank]));
  const json = {
    peft_type: 'LORA',
    task_type: 'CAUSAL_LM',
    base_model_name_or_path: basePath,
    inference_mode: true,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: 'none',
    // Conv1D stores [in, out]
    fan_in_fan_out: config.modelType === 'gpt2',
    target_modules: [...targets],
    rank_pattern: ranks,
    alpha_pattern: scaled,
  };
  return [
    textFile('adapter_config.json', `${JSON.stringify(json, null, 2)}\n`),
    bytesFile('adapter_model.safetensors', writeSafetensors(tensors, { format: 'pt' })),
  ];
}

async function factorsOf(
  { parameter, shape }: HfPart,
  rank: number,
  read: (name: string) => Promise<Float32Array>,
): Promise<Factors> {
  const names = adapterNames(parameter, rank);
  const [A, B] = [await read(names.A), await read(names.B)];
  const [U, D] = shape as [number, number];
  return isWriting(parameter)
    ? { A: transposed(A, U, rank), B: transposed(B, rank, D), fanIn: U, fanOut: D }
    : { A, B, fanIn: D, fanOut: U };
}

/** [rows, columns] → [columns, rows]. */
const transposed = (values: Float32Array, rows: number, columns: number): Float32Array =>
  Float32Array.from({ length: values.length }, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
