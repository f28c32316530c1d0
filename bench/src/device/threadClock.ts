/**
 * CPU time of the thread that asks, to the nanosecond: what a stretch of code costs, whoever else has the cores meanwhile.
 * From the C library: what Node tells of a thread advances by ticks of the kernel, of some milliseconds.
 */
import { createRequire } from 'node:module';

/** The C library, and its number for the clock (CLOCK_THREAD_CPUTIME_ID). */
const places: Readonly<Partial<Record<NodeJS.Platform, readonly [library: string, clock: number]>>> = {
  linux: ['libc.so.6', 3],
  darwin: ['libSystem.B.dylib', 16],
};

type GetTime = (clock: number, seconds: BigInt64Array) => number;

function clock(): (() => number) | undefined {
  const place = places[process.platform];
  if (!place) return undefined;
  const [library, number] = place;
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const getTime = koffi.load(library).func('int clock_gettime(int, void *)') as unknown as GetTime;
    const time = new BigInt64Array(2);
    const now = (): number => {
      getTime(number, time);
      return 1e6 * Number(time[0]) + Number(time[1]) / 1e3;
    };
    // the first calls compile
    for (let i = 0; i < 100; i++) now();
    return now;
  } catch {
    return undefined;
  }
}

const now = clock();

/** Microseconds, from wherever; undefined where the system does not tell. */
export const threadCpuUs = (): number | undefined => now?.();
