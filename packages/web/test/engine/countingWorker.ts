/**
 * The lab's worker, with a hand on its devices: takes them away when it is told to, and tells how many buffers one
 * still had when it was given back, or has now.
 */
import { serveEngine } from '../../src/engine/serveEngine.js';

export default (): void => {
  serveEngine(globalThis as unknown as Worker);
  const taken: (() => void)[] = [];
  const held = new Set<GPUBuffer>();
  const port = new BroadcastChannel('devices');
  port.addEventListener('message', ({ data }) => {
    if (data === 'destroy') taken.at(-1)!();
    if (data === 'count') port.postMessage(held.size);
  });
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await request.call(this, descriptor);
    const create = device.createBuffer.bind(device);
    device.createBuffer = (options) => {
      const buffer = create(options);
      held.add(buffer);
      const destroy = buffer.destroy.bind(buffer);
      buffer.destroy = () => {
        held.delete(buffer);
        return destroy();
      };
      return buffer;
    };
    const destroyDevice = device.destroy.bind(device);
    taken.push(destroyDevice);
    device.destroy = () => {
      port.postMessage(held.size);
      return destroyDevice();
    };
    return device;
  };
};
