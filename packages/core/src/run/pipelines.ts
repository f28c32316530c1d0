/** Compiled pipelines, one for each kernel, entry point and set of constants; compiled once, in parallel. */
import type { Kernel } from '../kernel.js';
import type { Size } from '../op.js';
import type { Dispatch } from '../plan/plan.js';

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #kernels: ReadonlyMap<string, Kernel>;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice, kernels: readonly Kernel[]) {
    this.#device = device;
    this.#kernels = new Map(kernels.map((kernel) => [kernel.name, kernel]));
  }

  of(dispatches: readonly Dispatch[]): Promise<GPUComputePipeline[]> {
    return Promise.all(dispatches.map((dispatch) => this.#get(dispatch)));
  }

  #get({ kernel, entry, constants }: Dispatch): Promise<GPUComputePipeline> {
    const key = `${kernel}.${entry} ${JSON.stringify(constants)}`;
    let pipeline = this.#pipelines.get(key);
    if (!pipeline) {
      pipeline = this.#compile(key, kernel, entry, constants);
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
  }

  async #compile(label: string, kernel: string, entryPoint: string, constants: Size): Promise<GPUComputePipeline> {
    const module = this.#module(kernel);
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

  #module(name: string): GPUShaderModule {
    let module = this.#modules.get(name);
    if (!module) {
      module = this.#device.createShaderModule({ label: name, code: this.#kernels.get(name)!.wgsl });
      this.#modules.set(name, module);
    }
    return module;
  }
}
