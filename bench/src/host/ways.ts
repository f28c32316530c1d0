/** Ways to submit the same dispatches, which differ in one thing: what the host takes for it is their difference. */
import nothing from './nothing.wgsl';

/** Distinct bind groups, so many as a plan of some layers has. */
const GROUPS = 512;
/** Bytes that bindings begin at multiples of. */
const PART = 256;
const TENSORS = 16;

/** Encodes one submit into the pass. */
export type Encode = (pass: GPUComputePassEncoder) => void;

export interface Way {
  readonly name: string;
  readonly dispatches: number;
  readonly encode: Encode;
}

export function waysOf(device: GPUDevice): Way[] {
  const { COMPUTE } = GPUShaderStage;
  const { STORAGE, UNIFORM, COPY_DST } = GPUBufferUsage;
  const types = ['uniform', 'read-only-storage', 'read-only-storage', 'read-only-storage', 'storage'] as const;
  const groupLayout = device.createBindGroupLayout({
    entries: types.map((type, binding) => ({ binding, visibility: COMPUTE, buffer: { type } })),
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [groupLayout] });
  const module = device.createShaderModule({ code: nothing });
  const [one, other] = [1, 2].map((WORTH) =>
    device.createComputePipeline({ layout, compute: { module, constants: { WORTH } } }),
  ) as [GPUComputePipeline, GPUComputePipeline];
  const params = device.createBuffer({ size: PART * GROUPS, usage: UNIFORM | COPY_DST });
  const tensors = Array.from({ length: TENSORS }, () => device.createBuffer({ size: PART * GROUPS, usage: STORAGE }));
  const groups = Array.from({ length: GROUPS }, (_, i) => {
    const from = (buffer: GPUBuffer) => ({ buffer, offset: PART * i, size: PART });
    const buffers = [params, ...[0, 1, 2, 3].map((k) => tensors[(i + k) % TENSORS]!)];
    return device.createBindGroup({
      layout: groupLayout,
      entries: buffers.map((buffer, binding) => ({
        binding,
        resource: { ...from(buffer), size: binding ? PART : 16 },
      })),
    });
  });
  let next = 0;
  const group = (): GPUBindGroup => groups[next++ % GROUPS]!;
  const asPrograms =
    (count: number): Encode =>
    (pass) => {
      for (let i = 0; i < count; i++) {
        pass.setPipeline(i % 2 ? one : other);
        pass.setBindGroup(0, group());
        pass.dispatchWorkgroups(1, 1, 1);
      }
    };
  return [
    { name: 'as programs do it', dispatches: 128, encode: asPrograms(128) },
    { name: 'in submits of 64', dispatches: 64, encode: asPrograms(64) },
    { name: 'in submits of 16', dispatches: 16, encode: asPrograms(16) },
    {
      name: 'one pipeline, set once',
      dispatches: 128,
      encode(pass) {
        pass.setPipeline(one);
        for (let i = 0; i < 128; i++) {
          pass.setBindGroup(0, group());
          pass.dispatchWorkgroups(1, 1, 1);
        }
      },
    },
    {
      name: 'one pipeline, one bind group',
      dispatches: 128,
      encode(pass) {
        pass.setPipeline(one);
        pass.setBindGroup(0, group());
        for (let i = 0; i < 128; i++) pass.dispatchWorkgroups(1, 1, 1);
      },
    },
  ];
}
