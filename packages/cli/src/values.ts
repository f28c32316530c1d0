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
