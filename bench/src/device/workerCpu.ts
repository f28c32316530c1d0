/**
 * CPU time of every thread but Node's main one. On a software adapter that is the work of the "GPU", whatever else the
 * machine does meanwhile: where the wall clock lies, this is what ratios can be taken of.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds since the process began; undefined where the system does not tell (anything but Linux). */
export function workerCpuMs(): number | undefined {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync('/proc/self/task')) {
      if (thread === String(process.pid)) continue;
      nanoseconds += cpuOf(thread);
    }
  } catch {
    return undefined;
  }
  return nanoseconds / 1e6;
}

function cpuOf(thread: string): number {
  try {
    return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ', 1)[0]);
  } catch {
    // it has ended since the folder was listed
    return 0;
  }
}
