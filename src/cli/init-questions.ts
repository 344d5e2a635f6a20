// The questions of `fx init` at a terminal, for what the command line does not say.
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { FxError } from '../base/error.ts';
import { languages, type PackageManager, packageManagers } from '../scaffold/languages.ts';
import { checkedName, suggestedName } from '../scaffold/scaffold.ts';
import { listTemplates, type Template, type Trigger, templateFor, triggers } from '../scaffold/templates.ts';

export interface Given {
  /** Where the command was started, with -C. */
  readonly from: string;
  readonly folder: string | undefined;
  readonly name: string | undefined;
  readonly trigger: string | undefined;
  readonly language: string | undefined;
  readonly packageManager: PackageManager | undefined;
  readonly install: boolean;
  readonly git: boolean;
}

export interface Answers {
  readonly folder: string;
  readonly name: string;
  readonly template: Template;
  readonly packageManager: PackageManager | undefined;
  readonly install: boolean;
  readonly git: boolean;
}

/** Throws DECLINED at Ctrl-C: nothing is written yet. */
export async function askForProject(given: Given): Promise<Answers> {
  const { intro, isCancel, cancel, text, select, confirm } = await import('./prompts.ts');
  const answered = <T>(answer: T): Exclude<T, symbol> => {
    if (!isCancel(answer)) return answer as Exclude<T, symbol>;
    cancel('Nothing was written.');
    throw new FxError('DECLINED', 'the questions were not answered, so nothing was written');
  };
  intro('A new project');
  const folder =
    given.folder ??
    answered(await text({ message: 'In which folder?', placeholder: '. is the current one', initialValue: '.' }));
  const suggested = suggestedName(basename(resolve(given.from, folder)));
  const name =
    given.name ??
    answered(
      await text({
        message: 'What is its name? It begins every name in AWS.',
        initialValue: suggested,
        validate: (value) => wrongName(value ?? ''),
      }),
    );
  const templates = await listTemplates();
  const offered = Object.keys(triggers).filter((trigger) => templates.some((one) => one.trigger === trigger));
  const trigger =
    given.trigger ??
    answered(
      await select({
        message: 'What calls its function?',
        options: offered.map((value) => ({ value, label: triggers[value as Trigger] })),
      }),
    );
  const inLanguages = templates.filter((one) => one.trigger === trigger).map((one) => one.language);
  const language =
    given.language ??
    (inLanguages.length < 2
      ? undefined
      : answered(
          await select<string>({
            message: 'In which language?',
            options: inLanguages.map((value) => ({ value, label: languages[value].title })),
          }),
        ));
  const template = templateFor({ trigger, language }, templates);
  const isNode = languages[template.language].shared !== undefined;
  const packageManager =
    given.packageManager ??
    (isNode
      ? answered(
          await select<PackageManager>({
            message: 'With which package manager?',
            options: packageManagers.map((value) => ({ value })),
          }),
        )
      : undefined);
  const install =
    given.install ||
    (isNode && answered(await confirm({ message: `Run ${packageManager} install?`, initialValue: true })));
  const git =
    given.git ||
    (!isInRepository(resolve(given.from, folder)) &&
      answered(await confirm({ message: 'Make it a Git repository?', initialValue: true })));
  return { folder, name, template, packageManager, install, git };
}

function wrongName(value: string): string | undefined {
  try {
    checkedName(value);
    return undefined;
  } catch (error) {
    return (error as FxError).hint;
  }
}

export function isInRepository(folder: string): boolean {
  for (let above = folder; ; above = dirname(above)) {
    if (existsSync(join(above, '.git'))) return true;
    if (dirname(above) === above) return false;
  }
}
