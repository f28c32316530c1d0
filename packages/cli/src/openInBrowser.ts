/** The browser that this machine opens pages with. */
import open from 'open';

/** Where there is none the address was printed: a line says so, and nothing ends. */
export async function openInBrowser(url: string): Promise<void> {
  const sorry = (): void => void process.stderr.write('no browser could be started: open the address in one\n');
  try {
    (await open(url)).once('error', sorry);
  } catch {
    sorry();
  }
}
