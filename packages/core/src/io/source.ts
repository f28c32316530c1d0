/** A file that can be read in ranges, wherever it lies: a disk, a server, a browser's file system. */
export interface Source {
  /** How errors call it, usually its path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes [offset, offset + length), fewer only where the file has since become shorter. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** A Source over bytes already in memory. */
export const memorySource = (name: string, bytes: Uint8Array<ArrayBuffer>): Source => ({
  name,
  size: bytes.byteLength,
  read: async (offset, length) => bytes.slice(offset, offset + length),
});
