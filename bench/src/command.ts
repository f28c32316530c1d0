/** A command of `pnpm bench`: the options it takes, its help, and what it does with them. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Values<Asked extends Options> = ReturnType<typeof parseArgs<{ options: Asked }>>['values'];

export interface Spec<Asked extends Options> {
  readonly help: string;
  readonly options: Asked;
  /** Whether it takes words besides options. */
  readonly hasNames?: boolean;
}

/** `run` gives the exit code. With --help the help is printed and nothing else is done; `--no-x` switches an option off. */
export const command =
  <const Asked extends Options>(
    { help, options, hasNames = false }: Spec<Asked>,
    run: (values: Values<Asked>, names: string[]) => Promise<number>,
  ) =>
  async (args: string[]): Promise<number> => {
    if (args.includes('--help')) {
      console.log(help);
      return 0;
    }
    const { values, positionals } = parseArgs({ args, options, allowPositionals: hasNames, allowNegative: true });
    return run(values as Values<Asked>, positionals);
  };
