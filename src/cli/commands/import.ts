// fx import
import { relative, resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import type { Imported } from '../../import/import.ts';
import type { Adopted, AdoptionOptions } from '../../session/adoption.ts';
import { loadSchemas } from '../../session/schemas.ts';
import { command, type Invocation } from '../command.ts';
import { adoptionText } from '../render/adoption-text.ts';
import { differenceReport, importReport } from '../render/import-text.ts';
import { style } from '../render/style.ts';
import { callerAs } from '../session.ts';

export const importCommand = command({
  output: 'import',
  needs: 'folder',
  args: {
    path: { about: 'the folder or the configuration file of the other tool (default: this folder)', kind: 'optional' },
  },
  options: {
    from: { kind: 'text', value: 'tool', about: 'serverless, sam or apex (default: what the folder has)' },
    stage: {
      kind: 'text',
      value: 'name',
      about:
        'the stage whose values stand at the top (default: that of the configuration); others after it, with commas',
    },
    env: { kind: 'text', value: 'name', about: 'the same as --stage: the environment of Apex or of samconfig.toml' },
    out: {
      kind: 'text',
      short: 'o',
      value: 'folder',
      about: 'write project.yml there (default: beside the configuration)',
    },
    dryRun: { kind: 'flag', about: 'print project.yml, and write nothing' },
    against: {
      kind: 'text',
      value: 'template.json',
      about:
        "compare what it means with the other tool's packaged template, and write nothing; exit code 4 if they differ",
    },
    adopt: {
      kind: 'flag',
      about:
        "go on with the other tool's stack: keep its resources and their ids; exit code 4, and nothing is written, if a deploy would replace one",
    },
    stackName: {
      kind: 'text',
      value: 'name',
      about: 'the stack to adopt (default: that of the configuration)',
    },
    region: { kind: 'text', value: 'name', about: 'the region of that stack (default: that of the configuration)' },
    profile: { kind: 'text', value: 'name', about: 'the AWS profile that reads it' },
    strict: { kind: 'flag', about: 'exit with 4 if something is not carried over' },
  },
  examples: [
    ['fx import', 'Make a project.yml of the serverless.yml in this folder, and say what is not the same'],
    ['fx import services/orders --stage prod', 'With the values of the stage prod at the top'],
    ['fx import --dry-run', 'Only show project.yml and the report'],
    [
      'fx import --against .serverless/cloudformation-template-update-stack.json',
      'Whether fx would deploy the same as the other tool',
    ],
    [
      'fx import --adopt --stage prod',
      'Go on with the stack of prod: show what a deploy would change there, then write project.yml',
    ],
    ['fx import --strict --json', 'For a script: all findings, and exit code 4 if something is not carried over'],
  ],
  async run(invocation) {
    const { io, common, args, options } = invocation;
    const folder = resolve(io.workingFolder, common.folder);
    const { differencesFrom, importProject, writeImported } = await import('../../import/import.ts');
    const now = io.now();
    if (Number.isNaN(now)) throw new FxError('USAGE', 'FX_LOCAL_TIME is not a time');
    const context = { shownFrom: folder, schemas: loadSchemas(), today: new Date(now) };
    const [stage, ...further] = (options.stage ?? options.env ?? '').split(',').filter((name) => name !== '');
    checkOptions(options, further);
    const converted = await importProject({
      path: resolve(folder, args.path ?? '.'),
      from: options.from,
      stage,
      further,
      adopting: options.adopt,
      ...context,
      variables: io.variables,
    });
    const { imported, adoptions } = options.adopt
      ? await adoption(invocation, converted, { ...options, ...context, further })
      : { imported: converted, adoptions: [] };
    const { findings, source, text, peer, environment } = imported;
    const target = options.out === undefined ? source.folder : resolve(folder, options.out);
    const against = options.against === undefined ? undefined : resolve(folder, options.against);
    const differences = against === undefined ? undefined : await differencesFrom(against, imported, context);
    const isRefused = adoptions.some(({ replaced }) => replaced.length > 0);
    const isShown = options.dryRun || differences !== undefined || isRefused;
    const file = isShown ? undefined : await writeImported(target, text);
    const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
    const styles = style(io.color && io.stdoutIsTerminal);
    const report = importReport(findings, { styles, columns: io.stdoutIsTerminal ? io.columns() : 80 });
    const shown = relative(folder, source.file);
    const deploy =
      adoptions.length === 0 ? ['fx deploy'] : adoptions.map((each) => `fx deploy --env ${each.environment}`);
    for (const adopted of adoptions) invocation.print(`${adoptionText(adopted, styles)}\n`);
    if (differences !== undefined) invocation.print(differenceReport(differences, styles));
    else if (isRefused) invocation.print(report);
    else if (file === undefined) {
      invocation.print(text.trimEnd());
      invocation.aside(report);
    } else {
      const next = count('dropped') > 0 ? 'Read the report, then:' : 'Next:';
      invocation.print(
        `Imported ${shown} into ${relative(folder, file)}.\n\n${report}\n\n${next}\n  fx validate\n  ${deploy.join('\n  ')}`,
      );
    }
    invocation.result({
      from: peer,
      source: shown,
      file: file === undefined ? undefined : relative(folder, file),
      environment,
      carried: count('carried'),
      changed: count('changed'),
      dropped: count('dropped'),
      findings: findings.map(({ kind, path, at, message, remedy }) => ({
        kind,
        path,
        file: at.file,
        line: at.line,
        column: at.column,
        message,
        remedy,
      })),
      differences,
      adoptions,
      project: text,
    });
    if (isRefused) return 4;
    if (differences?.some(({ expected }) => !expected) === true) return 4;
    return options.strict && count('dropped') > 0 ? 4 : 0;
  },
});

function checkOptions(
  options: {
    readonly adopt: boolean;
    readonly against: string | undefined;
    readonly stackName: string | undefined;
    readonly region: string | undefined;
    readonly profile: string | undefined;
  },
  further: readonly string[],
): void {
  if (options.adopt && options.against !== undefined) {
    throw new FxError('USAGE', '--adopt and --against are two questions', { hint: 'ask one of them' });
  }
  for (const [option, value] of [
    ['--stack-name', options.stackName],
    ['--region', options.region],
    ['--profile', options.profile],
  ] as const) {
    if (value === undefined || options.adopt) continue;
    throw new FxError('USAGE', `${option} is for --adopt`, { hint: 'add --adopt, or remove it' });
  }
  if (options.stackName !== undefined && further.length > 0) {
    throw new FxError('USAGE', '--stack-name is for one stage', { hint: 'name one --stage' });
  }
}

/** One stack after the other: each changes the same draft. */
async function adoption(
  invocation: Invocation<'folder'>,
  converted: Imported,
  options: AdoptionOptions & { readonly profile: string | undefined; readonly further: readonly string[] },
) {
  const [{ adoptStack }, { environmentNameOf }] = await Promise.all([
    import('../../session/adoption.ts'),
    import('../../import/stages.ts'),
  ]);
  const adoptions: Adopted[] = [];
  let imported = converted;
  for (const environment of [converted.environment, ...options.further.map(environmentNameOf)]) {
    const one = await adoptStack(imported, environment, options, callerAs(invocation, options.profile));
    adoptions.push(one.adopted);
    imported = one.imported;
  }
  return { imported, adoptions };
}
