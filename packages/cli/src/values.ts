/** Values of flags that no experiment holds, checked as commander reads them. */
import { ConfigError } from '@circuit-tuning/core';

/** A whole number from `least`. */
export const count =
  (flag: string, least: number) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isSafeInteger(number) && number >= least) return number;
    const rule = `must be a whole number from ${least}`;
    throw new ConfigError({ where: flag, rule, got: JSON.stringify(value), cure: `Give ${least} or more` });
  };

export const real =
  (flag: string) =>
  (value: string): number => {
    const number = Number(value);
    if (value.trim() !== '' && Number.isFinite(number)) return number;
    throw new ConfigError({ where: flag, rule: 'must be a number', got: JSON.stringify(value), cure: 'As in 0.8' });
  };

export const positive =
  (flag: string) =>
  (value: string): number => {
    const number = real(flag)(value);
    if (number > 0) return number;
    throw new ConfigError({ where: flag, rule: 'must be above 0', got: number, cure: 'As in 0.01' });
  };

/** A TCP port; 0 takes any that is free. */
export const port =
  (flag: string) =>
  (value: string): number => {
    const number = count(flag, 0)(value);
    if (number <= 65535) return number;
    const cure = 'Give one from 1024, or 0 for any that is free';
    throw new ConfigError({ where: flag, rule: 'must be a port, at most 65535', got: number, cure });
  };

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes, as in 800MiB or 2GiB. */
export const byteCount =
  (flag: string) =>
  (value: string): number => {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(value.trim()) ?? [];
    const bytes = Number(number) * UNITS[(unit ?? '').toLowerCase()]!;
    if (bytes >= 1) return Math.floor(bytes);
    throw new ConfigError({
      where: flag,
      rule: 'must be a number of bytes',
      got: JSON.stringify(value),
      cure: 'As in 2GiB',
    });
  };
