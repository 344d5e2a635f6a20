// From words to a command and an exit code: parses, renders what is told, and shows what went wrong.
import { CommanderError, Command as Parser, Option as ParserOption } from 'commander';
import { type ExitCode, FxError } from '../base/error.ts';
import { interruption } from '../base/interrupt.ts';
import type { Command, CommonOptions, Invocation } from './command.ts';
import { commands } from './commands/index.ts';
import type { Io } from './io.ts';
import { renderError } from './render/error.ts';
import { jsonError, jsonItem, jsonRenderer, jsonResult } from './render/json.ts';
import { plainRenderer } from './render/plain.ts';
import type { Renderer } from './render/renderer.ts';
import { terminalRenderer } from './render/terminal.ts';

interface Raw {
  readonly env?: string;
  readonly C: string;
  readonly config?: string;
  readonly param?: readonly string[];
  readonly set?: readonly string[];
  readonly setFile?: string;
  readonly profile?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
  readonly [own: string]: string | boolean | readonly string[] | undefined;
}

/** Runs one command line, without the program's own name. Never throws; never ends the process. */
export async function main(words: readonly string[], io: Io, version: string, signal: AbortSignal): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const parser = makeParser(io, version, async (command, args, raw) => {
    exitCode = await runCommand(command, args, raw, { io, signal, version });
  });
  try {
    if (words.length === 0) {
      parser.outputHelp();
      return 0;
    }
    await parser.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // a group without a command of it is asked what there is
    if (error instanceof CommanderError && error.code === 'commander.help') {
      parser.commands.find((group) => words.includes(group.name()))?.outputHelp();
      return 0;
    }
    const shown = error instanceof CommanderError ? usageError(error, words) : error;
    return fail(shown, io, { json: words.includes('--json'), debug: words.includes('--debug') });
  }
}

type Run = (command: Command, args: readonly string[], raw: Raw) => Promise<void>;

/** Exported for the test that reads every example. */
export function makeParser(io: Io, version: string, run: Run): Parser {
  const parser = new Parser('fx')
    .description('Deploy AWS Lambda functions from one project.yml, and take a bad release back in seconds.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .addHelpText(
      'after',
      '\nExample:\n  fx init shop && cd shop && fx deploy\n\nEach command has its own --help with an example.',
    )
    .configureOutput({ writeOut: io.out, writeErr: () => {}, getOutHelpWidth: () => Math.min(io.columns(), 110) })
    .showSuggestionAfterError()
    .exitOverride();
  const groups = new Map<string, Parser>();
  for (const command of commands) {
    const [first = '', second] = command.name.split(' ');
    let parent = parser;
    if (second !== undefined) {
      parent = groups.get(first) ?? addCommand(parser, first, io).description('Start, stop and find the local AWS');
      groups.set(first, parent);
    }
    declare(addCommand(parent, second ?? first, io, command.hidden), command, run, io);
  }
  return parser;
}

function addCommand(parent: Parser, name: string, io: Io, hidden = false): Parser {
  return parent
    .command(name, { hidden })
    .helpOption('-h, --help', 'show this help')
    .configureOutput({ writeOut: io.out, writeErr: () => {}, getOutHelpWidth: () => Math.min(io.columns(), 110) })
    .showSuggestionAfterError()
    .exitOverride();
}

function declare(parser: Parser, command: Command, run: Run, io: Io): void {
  parser.description(command.summary);
  for (const { name, about, kind } of command.args ?? []) {
    parser.argument(kind === 'required' ? `<${name}>` : kind === 'optional' ? `[${name}]` : `[${name}...]`, about);
  }
  for (const { flags, about, default: value } of command.options ?? []) parser.option(flags, about, value);
  for (const option of projectOptions(command, io)) parser.addOption(option);
  parser.option('--json', 'one JSON object a line, for programs').option('--debug', 'show the stack of an error');
  const examples = command.examples.map(([line, says]) => `  ${line}\n      ${says}`).join('\n');
  parser.addHelpText('after', `\nExamples:\n${examples}`);
  parser.action(async (...given: unknown[]) => {
    const raw = parser.opts<Raw>();
    const args = given.slice(0, -2).flatMap((arg) => (arg === undefined ? [] : [arg].flat())) as string[];
    await run(command, args, raw);
  });
}

/** Options of the commands that have to do with a project. */
function projectOptions({ project }: Command, io: Io): readonly ParserOption[] {
  const meant = io.variables['FX_ENV'] || 'what `fx use` keeps, or local';
  const repeated = (flags: string, about: string) =>
    new ParserOption(flags, about).argParser((value: string, before: readonly string[] = []) => [...before, value]);
  const always = [new ParserOption('-C <dir>', 'the folder of the project').default('.')];
  if (project === undefined) return always;
  return [
    new ParserOption('-e, --env <name>', `the environment (default: ${meant})`),
    ...always,
    new ParserOption(
      '-c, --config <file>',
      'the project file, where it is another than project.yml; from the working folder',
    ),
    new ParserOption('--profile <name>', 'the AWS profile, in place of the one of the environment'),
    new ParserOption('--region <name>', 'the region, in place of the one in project.yml'),
    repeated('--param <name=value>', 'a value for ${params.name}; may be given again'),
    ...(project === 'whole'
      ? [
          repeated('--set <NAME=value>', 'a variable of every function; may be given again'),
          // not --env-file: Node 20 takes that for its own wherever it stands in a command line
          new ParserOption('--set-file <file>', 'variables of every function, from a .env or JSON file'),
        ]
      : []),
  ];
}

interface Running {
  readonly io: Io;
  readonly signal: AbortSignal;
  readonly version: string;
}

async function runCommand(
  command: Command,
  args: readonly string[],
  raw: Raw,
  { io, signal, version }: Running,
): Promise<ExitCode> {
  const {
    env,
    C: folder,
    config,
    param = [],
    set = [],
    setFile,
    profile,
    region,
    json = false,
    debug = false,
    ...rest
  } = raw;
  const own: Invocation['own'] = rest;
  const common: CommonOptions = { env, folder, config, params: param, set, setFile, profile, region, json };
  const renderer = rendererFor(io, json);
  try {
    const code = await command.run({
      io,
      report: renderer.report,
      signal,
      version,
      project: command.project,
      common,
      args,
      own,
      print(text) {
        renderer.end('done');
        if (!json && text !== '') io.out(`${text}\n`);
      },
      item(type, value, text) {
        renderer.end('done');
        io.out(json ? jsonItem(type, value) : `${text}\n`);
      },
      aside(text) {
        renderer.end('done');
        if (!json) io.err(text.endsWith('\n') ? text : `${text}\n`);
      },
      ask(question) {
        renderer.end('done');
        return io.ask(question);
      },
      result(value) {
        renderer.end('done');
        if (json) io.out(jsonResult(value));
      },
    });
    renderer.end('done');
    return code ?? 0;
  } catch (error) {
    renderer.end('failed');
    // whatever the keystroke broke is its consequence
    const shown = signal.aborted && !(error instanceof FxError) ? interruption() : error;
    return fail(shown, io, { json, debug });
  }
}

/** Progress goes to standard error, so that a result can be piped on. */
function rendererFor(io: Io, json: boolean): Renderer {
  if (json) return jsonRenderer(io.out);
  if (io.stderrIsTerminal) return terminalRenderer({ write: io.err, columns: io.columns, color: io.color });
  return plainRenderer(io.err);
}

function fail(error: unknown, io: Io, { json, debug }: { json: boolean; debug: boolean }): ExitCode {
  if (json) io.out(jsonError(error));
  if (!json || !(error instanceof FxError))
    io.err(renderError(error, { color: io.color && io.stderrIsTerminal, debug, workingFolder: io.workingFolder }));
  return error instanceof FxError ? error.exitCode : 1;
}

function usageError(error: CommanderError, words: readonly string[]): FxError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const known = commands.find(({ name }) => words.join(' ').startsWith(name))?.name;
  // git and make take -C before the command; here options follow it
  const later = words.find((word) => commands.some(({ name }) => name.split(' ')[0] === word));
  if (error.code === 'commander.unknownOption' && words[0]?.startsWith('-') && later !== undefined)
    return new FxError('USAGE', message, { hint: `options stand after the command: fx ${later} ${words[0]} …` });
  const help = known === undefined ? 'fx --help lists the commands' : `fx ${known} --help shows its options`;
  return new FxError('USAGE', message, { hint: suggestion === undefined ? help : suggestion.replace(/[()]/g, '') });
}
