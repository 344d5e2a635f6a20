// Makes docs/reference/commands.md of the table of commands and what each declares, and errors.md of the table of errors.
import { type ErrorCode, errorTable } from '../src/base/error.ts';
import { argumentUsage, type Command, commandRows, flagsText, type Options } from '../src/cli/command.ts';
import { commands as table } from '../src/cli/commands/index.ts';
import { commonOptions } from '../src/cli/common-options.ts';
import { errorHelp } from '../src/cli/error-help.ts';
import type { Io } from '../src/cli/io.ts';
import { textOf } from './reference-words.ts';

const head = `# Commands

<!-- \`npm run reference\` writes this file from src/cli/commands -->

Every command takes the [common options](#common-options) that fit it. \`fx help COMMAND\` prints the same text; [json.md](json.md) has what
\`--json\` prints, and [errors.md](errors.md) the errors and exit codes.`;

interface Described {
  readonly name: string;
  readonly summary: string;
  readonly command: Command;
}

async function described(): Promise<readonly Described[]> {
  return Promise.all(
    commandRows(table)
      .filter(([, { hidden }]) => hidden !== true)
      .map(async ([name, { summary, load }]) => ({ name, summary, command: await load() })),
  );
}

const cell = (text: string): string => textOf(text).replaceAll('\n', ' ');
const anchor = (name: string): string => `fx-${name.replaceAll(' ', '-')}`;

function optionTable(options: Options): string {
  const rows = Object.entries(options).map(([name, option]) => {
    const value = option.kind === 'text' && option.default !== undefined ? ` (default: \`${option.default}\`)` : '';
    return `| \`${flagsText(name, option).replaceAll('|', '\\|')}\` | ${cell(option.about)}${value} |`;
  });
  return ['| option | |', '| --- | --- |', ...rows].join('\n');
}

function commandText({ name, summary, command }: Described): string {
  const args = Object.entries(command.args);
  const usage = ['fx', name, ...args.map(([arg, { kind }]) => argumentUsage(arg, kind)), '[options]'].join(' ');
  const needs = { folder: 'folder', environment: 'environment', project: 'project' }[command.needs];
  return [
    `## fx ${name}`,
    `${cell(summary)}. Common options: [${needs}](#common-options).`,
    `\`\`\`text\n${usage}\n\`\`\``,
    ...(args.length === 0
      ? []
      : [
          [
            '| argument | |',
            '| --- | --- |',
            ...args.map(([arg, { about }]) => `| \`${arg}\` | ${cell(about)} |`),
          ].join('\n'),
        ]),
    ...(Object.keys(command.options).length === 0 ? [] : [optionTable(command.options)]),
    ['```sh', ...command.examples.map(([line, about]) => `${line}\n    # ${about}`), '```'].join('\n'),
  ].join('\n\n');
}

/** The full text of docs/reference/commands.md. */
export async function commandReference(): Promise<string> {
  const all = await described();
  const io = { variables: {} } as Io;
  const needs = ['folder', 'environment', 'project'] as const;
  const parts = [
    head,
    all.map(({ name }) => `[${name}](#${anchor(name)})`).join(' · '),
    ...all.map(commandText),
    '## Common options',
    ...needs.flatMap((need) => [`Of commands on a ${need}:`, optionTable(commonOptions(need, io))]),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** The full text of docs/reference/errors.md. */
export function errorReference(): string {
  const rows = (Object.keys(errorTable) as ErrorCode[]).map((code) => {
    const { exit, about } = errorTable[code];
    const { causes, remedy } = errorHelp[code];
    return `## ${code}\n\n${about} Exit code ${exit}.\n\n**Causes.** ${causes}\n\n**What helps.** ${remedy}`;
  });
  return `# Errors

<!-- \`npm run reference\` writes this file from src/base/error.ts and src/cli/error-help.ts -->

Each error has a code in brackets at its end, which stays the same in all versions; \`fx help CODE\` prints what is here. With \`--json\` the last line has the
code, the message, the hint and the problems with their places.

| exit code | |
| --- | --- |
| 0 | done |
| 1 | a bug in fx |
| 2 | \`fx plan --exit-code\` found changes |
| 3 | AWS, the stack or a function failed |
| 4 | the command line, project.yml or the code is wrong; nothing was called or changed |
| 5 | declined or interrupted |
| 6 | another change is in progress |

${rows.join('\n\n')}
`;
}
