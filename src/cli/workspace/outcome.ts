// What became of each project of a workspace, and the error that says so if one failed.
import { type ExitCode, FxError } from '../../base/error.ts';
import type { InEachProject } from '../command.ts';

export interface Outcome {
  readonly project: string;
  readonly code: ExitCode;
  readonly value: unknown;
  readonly error: unknown;
}

/** The first failure, with those of the others, which projects are done, and how to go on; undefined if all succeeded. `outcomes` are in
 * the order in which they ended, `left` did not begin. */
export function failure(outcomes: readonly Outcome[], left: readonly string[], how: InEachProject): unknown {
  const failed = outcomes.filter(({ error }) => error !== undefined);
  const expected = failed.flatMap(({ project, error }) => (error instanceof FxError ? [{ project, error }] : []));
  const stopped = expected.filter(({ error }) => error.code === 'INTERRUPTED');
  const [first] = expected;
  // a bug shows its own stack; after an interruption, anything unexpected is a consequence of it
  if (first === undefined || (expected.length < failed.length && stopped.length === 0)) {
    return failed.find(({ error }) => !(error instanceof FxError))?.error;
  }
  const done = outcomes.filter(({ error }) => error === undefined).map(({ project }) => project);
  const isWrite = how.order !== 'any';
  const progress = [
    ...(done.length === 0 || !isWrite ? [] : [`done: ${done.join(', ')}`]),
    ...(left.length === 0 ? [] : [`not begun: ${left.join(', ')}`]),
    ...(done.length === 0 || !isWrite ? [] : ['the same command goes on from there']),
  ].join('; ');
  const together = stopped.length === expected.length;
  const others = together ? [] : expected.slice(1);
  const hints = [
    ...(together ? new Set(expected.map(({ error }) => error.hint ?? '')) : [first.error.hint ?? '']),
    ...(isForOne(first.error, outcomes.length + left.length)
      ? [`--allow-replace is for one project: combine it with --project ${first.project}`]
      : []),
    ...others.map(({ project, error }) => failedToo(project, error)),
    progress,
  ];
  const hint = hints.filter((text) => text !== '').join('\n');
  const names = together ? expected.map(({ project }) => project).join(', ') : first.project;
  return new FxError(first.error.code, `${names}: ${first.error.message}`, {
    ...(hint === '' ? {} : { hint }),
    problems: expected.flatMap(({ error }) => error.problems),
    cause: first.error,
  });
}

/** Whether what the hint says to add is refused for several projects: a logical id may be in each of them. */
const isForOne = ({ hint = '' }: FxError, count: number): boolean => count > 1 && hint.includes('--allow-replace');

function failedToo(project: string, { message, hint }: FxError): string {
  return `${project} failed too: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

/** In place of the result of a project. */
export function notDeployedText({ message, problems }: FxError): string {
  const lines = problems.map(({ at, message: what }) => `  ${at.file}:${at.line}:${at.column} ${what}`);
  return lines.length === 0 ? `Not deployed: ${message}.` : [`Not known yet: ${message}`, ...lines].join('\n');
}
