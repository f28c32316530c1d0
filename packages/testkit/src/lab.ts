/** The lab as `circuit-tuning lab` serves it from this checkout, for tests of the page. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../../scripts/cli.mjs', import.meta.url));

export interface ServedLab {
  /** Of the page; with a run, the address that opens it. */
  readonly url: string;
  /** Ctrl-C; gives the exit code. */
  stop(): Promise<number | null>;
}

/** On a port of its own. `run` is a run folder or a zip that the page saved. */
export function serveLab(run?: string): Promise<ServedLab> {
  const child = spawn(process.execPath, [cli, 'lab', ...(run === undefined ? [] : [run]), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const stop = (): Promise<number | null> => {
    child.kill('SIGINT');
    return ended;
  };
  return new Promise((resolve, reject) => {
    let told = '';
    const hear = (text: string): void => {
      told += text;
      const [, url] = /: (http:\S+)\nCtrl-C ends it\n/.exec(told) ?? [];
      if (url !== undefined) resolve({ url, stop });
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    void ended.then((code) => reject(new Error(`circuit-tuning lab ended with ${String(code)}: ${told}`)));
  });
}
