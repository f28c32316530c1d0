/** Times of the host's part of a search, of one graph. */
import { nodesOf, type ModelConfig, type Nodes, type OutputFile } from '@circuit-tuning/core';
import { randomFrom, type Gpu } from '@circuit-tuning/testkit';
import { stageNames, stagesOf, type StageName } from './stages.js';

export interface Timed {
  /** CPU time of the whole process, and the wall clock's: the fastest round of each. */
  readonly cpuMs: number;
  readonly wallMs: number;
  /** That it leaves for the disk. */
  readonly bytes: number;
}

export interface Selected {
  readonly model: string;
  readonly edges: number;
  readonly readBack: Timed;
  readonly stages: Readonly<Record<StageName, Timed | undefined>>;
}

export interface SelectAsked {
  readonly topN: number;
  readonly rounds: number;
  /** Files of more edges are not made. */
  readonly mostInFiles: number;
}

export async function measureSelection(
  { device }: Gpu,
  model: string,
  config: ModelConfig,
  { topN, rounds, mostInFiles }: SelectAsked,
): Promise<Selected> {
  const nodes = nodesOf(config, { convention: 'circuit-tuning' });
  const stages = stagesOf(nodes, randomScores(nodes), Math.min(topN, nodes.edgeCount));
  const found = {} as Record<StageName, Timed | undefined>;
  for (const name of stageNames) {
    const isFile = name === 'graph' || name === 'scores';
    if (!isFile || nodes.edgeCount <= mostInFiles)
      found[name] = await fastest(rounds, async () => sizeOf(stages[name]()));
  }
  return {
    model,
    edges: nodes.edgeCount,
    readBack: await timeReadBack(device, 4 * nodes.edgeCount, rounds),
    stages: found,
  };
}

/** Of either sign, and of sizes that spread over magnitudes as scores do; 0 where there is no edge. */
function randomScores({ sources, reads, reach }: Nodes): Float32Array<ArrayBuffer> {
  const random = randomFrom(13);
  const R = reads.length;
  return Float32Array.from({ length: sources.length * R }, (_, i) =>
    Math.floor(i / R) < reach[i % R]! ? random() * 10 ** (3 * random()) : 0,
  );
}

async function fastest(rounds: number, body: () => Promise<number>): Promise<Timed> {
  let [cpuMs, wallMs, bytes] = [Infinity, Infinity, 0];
  for (let round = 0; round < rounds; round++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    bytes = await body();
    const { user, system } = process.cpuUsage(before);
    cpuMs = Math.min(cpuMs, (user + system) / 1e3);
    wallMs = Math.min(wallMs, performance.now() - start);
  }
  return { cpuMs, wallMs, bytes };
}

async function sizeOf(file: OutputFile | void): Promise<number> {
  let bytes = 0;
  if (file) for await (const chunk of file.chunks()) bytes += chunk.byteLength;
  return bytes;
}

/** As many bytes as the scores of all edges have, from the device into the host's memory. */
async function timeReadBack(device: GPUDevice, bytes: number, rounds: number): Promise<Timed> {
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const held = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  const timed = await fastest(rounds, async () => {
    const staging = device.createBuffer({ size: bytes, usage: MAP_READ | COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(held, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const copy = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return 4 * copy.length;
  });
  held.destroy();
  return timed;
}
