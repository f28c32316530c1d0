/** What a device reports by itself, kept until somebody asks: a dispatch that fails throws nowhere. */
export class DeviceErrors {
  readonly #device: GPUDevice;
  #failure: Error | undefined;
  /** What the device holds for as long as it is there itself, which may be many sessions: emptied with this one. */
  readonly #heard: { errors?: DeviceErrors } = { errors: this };
  readonly #onError = ({ error }: GPUUncapturedErrorEvent): void => void (this.#failure ??= new Error(error.message));

  constructor(device: GPUDevice) {
    this.#device = device;
    device.addEventListener('uncapturederror', this.#onError);
    const heard = this.#heard;
    void device.lost.then(({ message, reason }) => {
      if (heard.errors && reason !== 'destroyed')
        heard.errors.#failure ??= new Error(`the device was lost: ${message}`);
    });
  }

  /** @throws what the device reported since the last call: a lost device, memory that ran out. */
  check(): void {
    if (!this.#failure) return;
    const failure = this.#failure;
    this.#failure = undefined;
    throw failure;
  }

  /** Hears no more. */
  dispose(): void {
    delete this.#heard.errors;
    this.#device.removeEventListener('uncapturederror', this.#onError);
  }
}
