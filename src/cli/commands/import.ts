// fx import
import { relative, resolve } from 'node:path';
import { FxError } from '../../base/error.ts';
import { loadSchemas } from '../../session/schemas.ts';
import { command } from '../command.ts';
import { differenceReport, importReport } from '../render/import-text.ts';
import { style } from '../render/style.ts';

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
      about: 'the stage whose values stand at the top (default: that of the configuration)',
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
    ['fx import --strict --json', 'For a script: all findings, and exit code 4 if something is not carried over'],
  ],
  async run(invocation) {
    const { io, common, args, options } = invocation;
    const folder = resolve(io.workingFolder, common.folder);
    const { differencesFrom, importProject, writeImported } = await import('../../import/import.ts');
    const now = io.now();
    if (Number.isNaN(now)) throw new FxError('USAGE', 'FX_LOCAL_TIME is not a time');
    const context = { shownFrom: folder, schemas: loadSchemas(), today: new Date(now) };
    const imported = await importProject({
      path: resolve(folder, args.path ?? '.'),
      from: options.from,
      stage: options.stage ?? options.env,
      ...context,
      variables: io.variables,
    });
    const { findings, source, text, peer, environment } = imported;
    const target = options.out === undefined ? source.folder : resolve(folder, options.out);
    const against = options.against === undefined ? undefined : resolve(folder, options.against);
    const differences = against === undefined ? undefined : await differencesFrom(against, imported, context);
    const file = options.dryRun || differences !== undefined ? undefined : await writeImported(target, text);
    const count = (kind: string) => findings.filter((finding) => finding.kind === kind).length;
    const styles = style(io.color && io.stdoutIsTerminal);
    const report = importReport(findings, { styles, columns: io.stdoutIsTerminal ? io.columns() : 80 });
    const shown = relative(folder, source.file);
    if (differences !== undefined) invocation.print(differenceReport(differences, styles));
    else if (file === undefined) {
      invocation.print(text.trimEnd());
      invocation.aside(report);
    } else {
      const next = count('dropped') > 0 ? 'Read the report, then:' : 'Next:';
      invocation.print(
        `Imported ${shown} into ${relative(folder, file)}.\n\n${report}\n\n${next}\n  fx validate\n  fx deploy`,
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
      project: text,
    });
    if (differences?.some(({ expected }) => !expected) === true) return 4;
    return options.strict && count('dropped') > 0 ? 4 : 0;
  },
});
