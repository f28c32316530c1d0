/** Variables by which another process takes the adapter that tests in Node take. */
import { dirname } from 'node:path';
import { testGpu } from './gpu.js';

export async function driverOfTests(): Promise<NodeJS.ProcessEnv> {
  // opening it is what names the driver, where one was set up for this machine
  await testGpu();
  const driver = process.env['VK_DRIVER_FILES'];
  return { ...process.env, ...(driver && { LD_LIBRARY_PATH: dirname(driver) }) };
}
