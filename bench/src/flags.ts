/** Values of flags, checked as they are read. */

export function count(flag: string, value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new Error(`${flag}: must be a whole number from 1, got '${value}'.`);
}

export function oneOf<Name extends string>(flag: string, value: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === value);
  if (found !== undefined) return found;
  throw new Error(`${flag}: must be one of ${names.join(', ')}, got '${value}'.`);
}

/** Names with commas between them. */
export const several = <Name extends string>(flag: string, value: string, names: readonly Name[]): Name[] =>
  value.split(',').map((part) => oneOf(flag, part.trim(), names));
