/**
 * Firefox looks only ten times a second whether a device has finished something, and so each wait for it takes 100 ms:
 * measured with Firefox 153, a read-back of 256 bytes 100 ms, and 1 to 2 ms this way. A submit makes it look, so while
 * somebody waits, empty ones go out.
 */

/** Between two of them. Browsers stretch it to 4 ms after a while, which is soon enough. */
const EVERY_MS = 2;

export const needsHurry = (userAgent: string): boolean => /\bFirefox\//.test(userAgent);

/** Waits for this device, and for buffers that it makes from now on, end soon after the work does. */
export function hurryWaits(device: GPUDevice): void {
  const { queue } = device;
  let waits = 0;
  let isLooking = false;
  const look = (): void => {
    isLooking = waits > 0;
    if (!isLooking) return;
    queue.submit([]);
    setTimeout(look, EVERY_MS);
  };
  const hurried = async <Found>(wait: Promise<Found>): Promise<Found> => {
    waits++;
    if (!isLooking) setTimeout(look, EVERY_MS);
    isLooking = true;
    try {
      return await wait;
    } finally {
      waits--;
    }
  };
  const isDone = queue.onSubmittedWorkDone.bind(queue);
  queue.onSubmittedWorkDone = () => hurried(isDone());
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const map = buffer.mapAsync.bind(buffer);
    buffer.mapAsync = (...how) => hurried(map(...how));
    return buffer;
  };
}
