/** `circuit-tuning convert`: a circuit file as other tools take it. */
import { join } from 'node:path';
import {
  ConfigError,
  perQueryHead,
  requireEapIg,
  show,
  toGraphJson,
  type Convention,
  type GraphJson,
} from '@circuit-tuning/core';
import type { Command } from 'commander';
import { readCircuit, type CircuitMeta } from './circuitFile.js';
import { shown } from './conduct.js';
import { writeFile } from './files.js';
import { openBase } from './prepare.js';

interface ConvertFlags {
  readonly model: string;
  readonly out: string;
  readonly kvPerQueryHead?: true;
  readonly mib?: string;
  readonly method?: string;
  readonly ablation?: string;
}

export function addConvert(program: Command): void {
  program
    .command('convert')
    .argument('<graph.json>', 'circuit, as discover or EAP-IG writes it')
    .description('write a circuit file as EAP-IG or the MIB benchmark takes it, or as this project does')
    .requiredOption('--model <folder>', "model folder, 'embedded', or org/name in the Hugging Face cache")
    .requiredOption('--out <path>', 'file to write; with --mib, folder of circuits')
    .option('--kv-per-query-head', 'key and value edges for each query head, as EAP-IG has them')
    .option('--mib <task_model>', "MIB's layout: method_ablation_edge/task_model/importances.json, as in ioi_gpt2")
    .option('--method <name>', 'of --mib: how edges were scored, where the file does not say')
    .option('--ablation <kind>', 'of --mib: what took the place of a source, where the file does not say')
    .action(async (path: string, flags: ConvertFlags) => {
      requireEffects(flags);
      const base = await openBase(flags.model);
      const { circuit, scores, meta } = await readCircuit(path, base);
      const { kv_per_query_head: _, ...kept } = meta;
      const json = toGraphJson(circuit, scores, kept);
      const file = flags.mib === undefined ? flags.out : join(flags.out, mibPath(flags, meta));
      const written = flags.mib !== undefined ? forMib(json) : flags.kvPerQueryHead ? perQueryHead(json) : json;
      await writeFile(file, `${JSON.stringify(written)}\n`);
      process.stdout.write(`${shown(file)}\n`);
    });
}

/** @throws ConfigError for a flag that nothing would come of. */
function requireEffects({ mib, method, ablation, kvPerQueryHead }: ConvertFlags): void {
  const idle = (where: string, rule: string): ConfigError =>
    new ConfigError({ where, rule, got: 'nothing', cure: 'Leave it out' });
  if (mib === undefined && method !== undefined) throw idle('--method', 'takes effect only with --mib');
  if (mib === undefined && ablation !== undefined) throw idle('--ablation', 'takes effect only with --mib');
  if (mib !== undefined && kvPerQueryHead)
    throw idle('--kv-per-query-head', 'takes effect only without --mib, which always has them');
}

/** MIB reads files with EAP-IG. */
function forMib(json: GraphJson): GraphJson {
  const { _meta: meta } = json;
  const { graph, mlp_groups: mlpGroups } = meta as { graph: Convention; mlp_groups: number };
  requireEapIg({ graph, mlpGroups });
  return json.cfg.n_key_value_heads < json.cfg.n_heads ? perQueryHead(json) : json;
}

/** Tasks have hyphens, so that the first underscore is where the model's name begins. */
function mibPath({ mib = '', method, ablation }: ConvertFlags, meta: CircuitMeta): string {
  if (!/^[a-z0-9-]+_[A-Za-z0-9.-]+$/.test(mib)) {
    const rule = 'must be a task and a model, with one underscore between them';
    throw new ConfigError({ where: '--mib', rule, got: show(mib), cure: 'As in ioi_gpt2, or arc-easy_llama3' });
  }
  const [how, what] = [method ?? meta.method, ablation ?? meta.ablation];
  const missing = how === undefined ? '--method' : what === undefined ? '--ablation' : undefined;
  if (missing !== undefined) {
    const rule = 'must be given where the file does not say it';
    throw new ConfigError({ where: missing, rule, got: 'nothing', cure: 'As in --method EAP --ablation patching' });
  }
  return join(`${how}_${what}_edge`, mib, 'importances.json');
}
