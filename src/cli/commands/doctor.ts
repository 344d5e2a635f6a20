// fx doctor
import { FxError } from '../../base/error.ts';
import type { Finding, OtherEnvironment } from '../../operate/doctor/check.ts';
import type { Diagnosis } from '../../operate/doctor/index.ts';
import { command, type Invocation } from '../command.ts';
import { type Style, style } from '../render/style.ts';
import { environmentNames, loadedEnvironment, openProjectSession } from '../session.ts';

export const doctor = command({
  output: 'doctor',
  needs: 'project',
  args: { checks: { about: 'only these, or patterns (default: all)', kind: 'variadic' } },
  examples: [
    ['fx doctor --env prod', 'What is wrong, or may go wrong'],
    ['fx doctor queues stack --env prod', 'Only some checks'],
    ['fx doctor --env prod --json', 'The same for a program; exits with 3 if there is a problem'],
  ],
  options: {},
  async run(invocation) {
    const { io, args } = invocation;
    const { project, context } = await openProjectSession(invocation);
    const { examine } = await import('../../operate/doctor/index.ts');
    const others = await othersOf(invocation, project.environment.name);
    const diagnosis = await examine(project, { names: args.checks, others }, context);
    invocation.print(diagnosisText(diagnosis, style(io.color && io.stdoutIsTerminal)));
    invocation.result(diagnosis);
    return diagnosis.problems > 0 ? 3 : 0;
  },
});

/** Those that can be read: a pattern such as pr-* has no account to share. */
async function othersOf(invocation: Invocation<'project'>, own: string): Promise<readonly OtherEnvironment[]> {
  const names = (await environmentNames(invocation)).filter((name) => name !== own && !name.includes('*'));
  const loaded = await Promise.all(
    names.map(async (name) => {
      try {
        const { environment } = await loadedEnvironment(invocation, name);
        const { account, region } = environment;
        return [{ name, account, region, protected: environment.protected }];
      } catch (error) {
        if (error instanceof FxError) return [];
        throw error;
      }
    }),
  );
  return loaded.flat();
}

function diagnosisText({ checks, problems, warnings }: Diagnosis, styles: Style): string {
  const { dim, green, bold } = styles;
  const lines = checks.flatMap(({ check, about, findings, skipped }) => {
    const title = `${check.padEnd(14)} ${dim(about)}`;
    if (skipped !== undefined) return [`${dim('-')} ${title}  ${dim(`skipped: ${skipped}`)}`];
    if (findings.length === 0) return [`${green('✓')} ${title}`];
    return [
      `${signOf(worst(findings), styles)} ${title}`,
      ...findings.flatMap((finding) => findingLines(finding, styles)),
    ];
  });
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  return [...lines, '', bold(`${count(problems, 'problem')}, ${count(warnings, 'warning')}`)].join('\n');
}

function findingLines({ level, message, hint, at }: Finding, styles: Style): readonly string[] {
  const place = at === undefined ? '' : `  ${styles.dim(`${at.file}:${at.line}:${at.column}`)}`;
  return [
    `    ${signOf(level, styles)} ${message}${place}`,
    ...(hint === undefined ? [] : [styles.dim(`      → ${hint}`)]),
  ];
}

const signOf = (level: Finding['level'], { red, yellow, blue }: Style): string =>
  level === 'problem' ? red('✗') : level === 'warning' ? yellow('!') : blue('i');

function worst(findings: readonly Finding[]): Finding['level'] {
  const levels = findings.map(({ level }) => level);
  return levels.includes('problem') ? 'problem' : levels.includes('warning') ? 'warning' : 'note';
}
