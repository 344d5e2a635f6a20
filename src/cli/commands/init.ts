// fx init
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename, resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { nearest } from '../../base/suggest.ts';
import type { LanguageFacts, PackageManager } from '../../scaffold/languages.ts';
import { command, type Invocation } from '../command.ts';
import type { Io } from '../io.ts';
import { columnsText } from '../render/columns.ts';

export const init = command({
  output: 'init project',
  needs: 'folder',
  args: { folder: { about: 'the folder to create it in (default: the current one)', kind: 'optional' } },
  options: {
    name: { kind: 'text', short: 'n', value: 'name', about: "the project's name (default: the folder's)" },
    template: {
      kind: 'text',
      short: 't',
      value: 'template',
      about:
        "one of fx's (see --list), a folder (./shop), a zip (file or URL), or a repository (owner/repo/folder#branch)",
    },
    trigger: {
      kind: 'text',
      value: 'trigger',
      about: 'what calls its function, in place of --template (default: http)',
    },
    language: { kind: 'text', short: 'l', value: 'language', about: 'of its code (default: typescript)' },
    packageManager: { kind: 'text', value: 'program', about: 'npm, pnpm, yarn or bun (default: npm)' },
    install: { kind: 'flag', about: 'install its packages' },
    git: { kind: 'flag', about: 'make it a Git repository' },
    list: { kind: 'flag', about: "list fx's templates" },
    yes: { kind: 'flag', short: 'y', about: 'ask nothing, and take the defaults' },
  },
  examples: [
    ['fx init', 'Ask what it will be, at a terminal'],
    [
      'fx init shop --trigger queue',
      'Create a project in the folder shop, whose function works on messages of a queue',
    ],
    ['fx init shop --language python --yes', 'An HTTP API in Python, without questions'],
    ['fx init shop --template acme/templates/api#main', 'From a folder of a repository on GitHub'],
    ['fx init --list', "List fx's templates"],
  ],
  async run(invocation) {
    const { io, options, args, common, signal, version } = invocation;
    const scaffolding = await import('../../scaffold/scaffold.ts');
    const { listTemplates, usesNode } = await import('../../scaffold/templates.ts');
    if (options.list) {
      const templates = await listTemplates();
      const lines = columnsText(templates, [
        { title: 'Template', align: 'left', rank: 0, text: ({ name }) => name },
        { title: 'Trigger', align: 'left', rank: 0, text: ({ trigger }) => trigger },
        { title: 'What it is', align: 'left', rank: 0, text: ({ about }) => about },
      ]);
      invocation.print(lines.join('\n'));
      const listed = templates.map(({ name, about, trigger, language }) => ({ name, about, trigger, language }));
      invocation.result({ templates: listed });
      return 0;
    }
    const from = resolve(io.workingFolder, common.folder);
    const packageManager = packageManagerOf(options.packageManager);
    const given = { ...options, from, folder: args.folder, packageManager };
    const chosen = shouldAsk(invocation)
      ? await (await import('../init-questions.ts')).askForProject(given)
      : { ...given, template: await chosenTemplate(invocation) };
    refuseForOthers(chosen, usesNode(chosen.template));
    const target = resolve(from, chosen.folder ?? '.');
    const { files, project, facts } = await scaffolding.scaffold({ ...chosen, folder: target, version, signal });
    const isNode = facts?.shared !== undefined;
    const enter = target === resolve(io.workingFolder) ? '' : `cd ${chosen.folder ?? basename(target)}\n  `;
    const next = [...(isNode && !chosen.install ? [facts.install] : []), 'fx deploy', 'fx logs -f'];
    const ran = { installed: false, repository: false };
    invocation.print(`Created "${project}":\n${files.map((file) => `  ${file}`).join('\n')}`);
    if (chosen.git) ran.repository = await madeRepository(target, io);
    if (chosen.install && facts !== undefined) ran.installed = await installed(target, facts, io);
    invocation.print(`\nNext:\n  ${enter}${next.join('\n  ')}`);
    invocation.result({ project, folder: target, files, ...ran });
    return 0;
  },
});

type Own = Pick<Invocation<'folder'>, 'io' | 'common' | 'args'> & {
  readonly options: {
    readonly yes: boolean;
    readonly template: string | undefined;
    readonly trigger: string | undefined;
    readonly language: string | undefined;
  };
};

/** At a terminal, unless the command line says which template. */
function shouldAsk({ io, common, options }: Own): boolean {
  if (options.yes || common.json || options.template !== undefined) return false;
  return io.stdinIsTerminal && io.stdoutIsTerminal;
}

async function chosenTemplate({ io, options }: Own) {
  const { defaultTemplate, listTemplates, templateFor, templateNamed } = await import('../../scaffold/templates.ts');
  const { template, trigger, language } = options;
  const templates = await listTemplates();
  if (template === undefined) {
    if (trigger === undefined && language === undefined) return templateNamed(defaultTemplate, templates);
    return templateFor({ trigger, language }, templates);
  }
  const alone = trigger !== undefined ? '--trigger' : language !== undefined ? '--language' : undefined;
  if (alone !== undefined) throw new FxError('USAGE', `--template and ${alone} exclude each other`);
  if (templates.some(({ name }) => name === template)) return templateNamed(template, templates);
  const { placeOf } = await import('../../scaffold/template-source.ts');
  return (await placeOf(template, io)) ?? templateNamed(template, templates);
}

function packageManagerOf(written: string | undefined): PackageManager | undefined {
  const known: readonly PackageManager[] = ['npm', 'pnpm', 'yarn', 'bun'];
  const found = known.find((one) => one === written);
  if (written === undefined || found !== undefined) return found;
  const suggestion = nearest(written, known);
  throw new FxError('USAGE', `"${written}" is not a package manager`, {
    hint: suggestion === undefined ? `choose ${known.join(', ')}` : `did you mean "${suggestion}"?`,
  });
}

/** Throws USAGE for options that make sense for fx's templates in JavaScript and TypeScript only. */
function refuseForOthers(
  chosen: { readonly install: boolean; readonly packageManager: PackageManager | undefined },
  isNode: boolean,
): void {
  const option = chosen.install ? '--install' : chosen.packageManager === undefined ? undefined : '--package-manager';
  if (isNode || option === undefined) return;
  throw new FxError('USAGE', `${option} is for fx's templates in JavaScript and TypeScript`, {
    hint: `nothing was written; leave ${option} out`,
  });
}

async function installed(folder: string, { install = '' }: LanguageFacts, io: Io): Promise<boolean> {
  const [program = '', ...words] = install.split(' ');
  if (await runs(program, words, folder, io)) return true;
  throw new FxError('USAGE', `the project was created, but "${install}" failed`, {
    hint: `run it again in ${folder}`,
  });
}

async function madeRepository(folder: string, io: Io): Promise<boolean> {
  const { isInRepository } = await import('../init-questions.ts');
  if (isInRepository(folder)) return false;
  if (await runs('git', ['init', '--quiet'], folder, io)) return true;
  throw new FxError('USAGE', 'the project was created, but "git init" failed', { hint: `run it again in ${folder}` });
}

/** Its output goes to standard error, so that the one of fx can be piped. */
async function runs(program: string, words: readonly string[], folder: string, io: Io): Promise<boolean> {
  const child = spawn(program, [...words], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    env: { ...io.variables },
    shell: process.platform === 'win32',
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  return ended.then(
    ([code]) => code === 0,
    () => false,
  );
}
