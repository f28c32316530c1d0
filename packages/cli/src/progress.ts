/** How far long work is: a bar on a terminal, a line for each piece of work elsewhere. Always on stderr. */
import ora, { type Ora } from 'ora';

const WIDTH = 24;

export const bar = (done: number, of: number): string => {
  const full = Math.round((WIDTH * Math.min(done, of)) / Math.max(1, of));
  return `${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${done}/${of}`;
};

export interface Progress {
  update(what: string, done: number, of: number, note?: string): void;
  /** A line above the bar. */
  say(line: string): void;
  stop(): void;
}

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const say = (line: string): void => void stream.write(`${line}\n`);
  if (!stream.isTTY || process.env.TERM === 'dumb') {
    let last = '';
    return {
      update(what) {
        if (what !== last) say(`${what} ...`);
        last = what;
      },
      say,
      stop() {},
    };
  }
  // With discardStdin it would take Ctrl-C for itself.
  const spinner: Ora = ora({ stream, discardStdin: false, color: process.env.NO_COLOR ? false : 'cyan' });
  let since = { what: '', at: 0, done: 0 };
  return {
    update(what, done, of, note = '') {
      const now = performance.now();
      if (since.what !== what || done < since.done) since = { what, at: now, done };
      const gone = (now - since.at) / 1000;
      const left = done > since.done ? (gone / (done - since.done)) * (of - done) : undefined;
      const rest = left !== undefined && left >= 1 ? ` · ${duration(left)} left` : '';
      spinner.text = `${what} ${bar(done, of)}${rest}${note && ` · ${note}`}`;
      if (!spinner.isSpinning) spinner.start();
    },
    say(line) {
      const was = spinner.isSpinning;
      if (was) spinner.stop();
      say(line);
      if (was) spinner.start();
    },
    stop() {
      spinner.stop();
    },
  };
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h} h ${m} min` : m > 0 ? `${m} min ${s} s` : `${s} s`;
}
