/** The ways that `bench host` compares: valid work, as many dispatches as they are divided by. */
import { expect, it } from 'vitest';
import { testGpu } from '@circuit-tuning/testkit';
import { waysOf } from '../src/host/ways.js';

const { device, takeErrors } = await testGpu();

it('encodes the dispatches that each way tells of, and the device takes them', async () => {
  for (const { name, dispatches, encode } of waysOf(device)) {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    let count = 0;
    const dispatch = pass.dispatchWorkgroups.bind(pass);
    pass.dispatchWorkgroups = (x, y, z) => {
      count++;
      return dispatch(x, y, z);
    };
    encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
    expect(count, name).toBe(dispatches);
  }
  await device.queue.onSubmittedWorkDone();
  expect(takeErrors()).toEqual([]);
});
