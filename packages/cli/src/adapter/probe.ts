/**
 * Asks a Vulkan in a process of its own whether WebGPU can compute on it: a driver may crash, and a crash there is
 * an answer, not the end of this process.
 */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { adapterDir, type Installed } from './installed.js';

const run = promisify(execFile);

export interface Probe {
  readonly name: string;
  readonly isSoftware: boolean;
  /** Milliseconds from nothing to the first correct result. */
  readonly ms: number;
}

// 64 invocations double their index; every number must come back right
const PROGRAM = `
const { webgpu, koffi, libraries } = JSON.parse(process.argv[1]);
const started = performance.now();
const kept = libraries.length ? (await import(koffi)).default : undefined;
globalThis.kept = libraries.map((file) => kept.load(file));
const { create, globals } = await import(webgpu);
Object.assign(globalThis, globals, { gpu: create([]) });
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
if (!adapter) { console.log('null'); process.exit(0); }
const device = await adapter.requestDevice();
const code = '@group(0) @binding(0) var<storage, read_write> y: array<u32>; @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) i: vec3u) { y[i.x] = 2u * i.x; }';
const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module: device.createShaderModule({ code }) } });
const y = device.createBuffer({ size: 256, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
const out = device.createBuffer({ size: 256, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
const encoder = device.createCommandEncoder();
const pass = encoder.beginComputePass();
pass.setPipeline(pipeline);
pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries: [{ binding: 0, resource: { buffer: y } }] }));
pass.dispatchWorkgroups(1);
pass.end();
encoder.copyBufferToBuffer(y, 0, out, 0, 256);
device.queue.submit([encoder.finish()]);
await out.mapAsync(GPUMapMode.READ);
if (new Uint32Array(out.getMappedRange()).some((value, i) => value !== 2 * i)) throw new Error('it computes wrong numbers');
const { description, vendor, architecture, isFallbackAdapter } = adapter.info;
const isSoftware = isFallbackAdapter || /llvmpipe|lavapipe|swiftshader/i.test(description + ' ' + architecture);
const name = description || (vendor + ' ' + architecture).trim() || 'unnamed adapter';
console.log(JSON.stringify({ name, isSoftware, ms: Math.round(performance.now() - started) }));
process.exit(0);
`;

/**
 * The adapter WebGPU finds with the system's drivers, or with an adapter that was set up; null where it finds none.
 * @throws Error with one line where the driver crashed, hung or computed wrong numbers.
 */
export async function probe(adapter?: Installed): Promise<Probe | null> {
  const require = createRequire(import.meta.url);
  const url = (name: string): string => pathToFileURL(require.resolve(name)).href;
  const libraries = adapter?.libraries.map((file) => `${adapterDir(adapter.kind)}/${file}`) ?? [];
  const manifest = adapter && `${adapterDir(adapter.kind)}/${adapter.manifest}`;
  const env = { ...process.env, ...(manifest && { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest }) };
  const facts = JSON.stringify({ webgpu: url('webgpu'), koffi: adapter ? url('koffi') : '', libraries });
  try {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM, facts], {
      env,
      timeout: 60_000,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? 'null') as Probe | null;
  } catch (error) {
    const { signal, killed, stderr = '' } = error as { signal?: string; killed?: boolean; stderr?: string };
    const reason = stderr.match(/^\w*Error: (.+)$/m)?.[1];
    throw new Error(killed ? 'it hung for a minute' : signal ? `it crashed (${signal})` : (reason ?? 'it failed'), {
      cause: error,
    });
  }
}
