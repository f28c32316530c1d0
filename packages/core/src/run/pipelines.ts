/**
 * Compiled pipelines, one for each shader text, entry point and set of constants. Compiled once for each device, in
 * parallel, and shared by all its sessions: on a software adapter a large kernel takes a second.
 */
import type { Kernel } from '../kernel.js';
import type { Size } from '../op.js';
import type { Dispatch } from '../plan/plan.js';

/** By the text of a shader: two sessions may call different kernels by one name. */
interface Module {
  readonly module: GPUShaderModule;
  /** By entry point and constants. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
}

const compiled = new WeakMap<GPUDevice, Map<string, Module>>();

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #kernels: ReadonlyMap<string, Kernel>;
  readonly #modules: Map<string, Module>;

  constructor(device: GPUDevice, kernels: readonly Kernel[]) {
    this.#device = device;
    this.#kernels = new Map(kernels.map((kernel) => [kernel.name, kernel]));
    let modules = compiled.get(device);
    if (!modules) compiled.set(device, (modules = new Map()));
    this.#modules = modules;
  }

  of(dispatches: readonly Dispatch[]): Promise<GPUComputePipeline[]> {
    return Promise.all(dispatches.map((dispatch) => this.#get(dispatch)));
  }

  #get({ kernel, entry, constants }: Dispatch): Promise<GPUComputePipeline> {
    const { module, pipelines } = this.#module(kernel);
    const key = `${entry} ${JSON.stringify(constants)}`;
    let pipeline = pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(module, kernel, entry, constants);
      pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(
    module: GPUShaderModule,
    kernel: string,
    entryPoint: string,
    constants: Size,
  ): Promise<GPUComputePipeline> {
    const label = `${kernel}.${entryPoint} ${JSON.stringify(constants)}`;
    try {
      return await this.#device.createComputePipelineAsync({
        label,
        layout: 'auto',
        compute: { module, entryPoint, constants },
      });
    } catch (error) {
      const { messages } = await module.getCompilationInfo();
      const lines = messages.map(({ lineNum, linePos, message }) => `${kernel}.wgsl:${lineNum}:${linePos}: ${message}`);
      throw new Error(
        [`pipeline ${label}: ${error instanceof Error ? error.message : 'refused'}`, ...lines].join('\n'),
        { cause: error },
      );
    }
  }

  #module(name: string): Module {
    const code = this.#kernels.get(name)!.wgsl;
    let known = this.#modules.get(code);
    if (!known) {
      known = { module: this.#device.createShaderModule({ label: name, code }), pipelines: new Map() };
      this.#modules.set(code, known);
    }
    return known;
  }
}
