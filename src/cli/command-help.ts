// The help of one command: its arguments, options and examples.
import { argumentUsage, type Command, flagsText, type Option, type Options } from './command.ts';
import { type HelpOptions, type Row, sections, titled, wrap } from './help.ts';

export interface DescribedCommand {
  readonly name: string;
  readonly summary: string;
  readonly command: Command;
  /** The options of the command, and the common ones. */
  readonly options: Options;
}

export function commandHelp({ name, summary, command, options }: DescribedCommand, help: HelpOptions): string {
  const args = Object.entries(command.args);
  const shown = args.map(([arg, { kind }]) => argumentUsage(arg, kind));
  const rows = Object.entries(options).map(
    ([option, declared]): Row => [flagsText(option, declared), optionText(declared)],
  );
  return sections([
    ['Usage: fx', name, ...shown, '[options]'].join(' '),
    wrap(summary, help),
    args.length === 0
      ? ''
      : titled(
          'Arguments:',
          args.map(([arg, { about }]) => [arg, about]),
          help,
        ),
    titled('Options:', rows, help),
    `Examples:\n${command.examples.map(([line, about]) => `  ${line}\n      ${about}`).join('\n')}`,
  ]);
}

function optionText(option: Option): string {
  return option.kind === 'text' && option.default !== undefined
    ? `${option.about} (default: ${option.default})`
    : option.about;
}
