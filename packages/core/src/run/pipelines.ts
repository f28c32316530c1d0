/** Compiled pipelines, one for each kernel, entry point and set of constants; compiled once, in parallel. */
import type { Kernel } from '../kernel.js';
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
      pipeline = this.#device.createComputePipelineAsync({
        label: key,
        layout: 'auto',
        compute: { module: this.#module(kernel), entryPoint: entry, constants },
      });
      this.#pipelines.set(key, pipeline);
    }
    return pipeline;
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
