// The error of a change that CloudFormation rolled back: what went wrong, at its lines of project.yml.
import { FxError } from '../base/error.ts';
import { causeText, hintOf, type StackFailure } from '../stack/apply.ts';
import type { ChangeInput } from './change.ts';

export function failureOf(failure: StackFailure, { candidate, how }: Pick<ChangeInput, 'candidate' | 'how'>): FxError {
  if (candidate.origin.kind === 'rollback') {
    return new FxError('STACK_FAILED', `the stack could not be rolled back: ${failure.message}`, {
      hint: hintOf(
        failure.causes[0],
        `the functions answer as in release ${candidate.origin.of}; everything else is as before`,
      ),
      cause: failure,
    });
  }
  const { causes, consequence } = failure;
  const { placeOf } = how;
  if (causes.length === 0 || placeOf === undefined) return failure;
  return new FxError('STACK_FAILED', `the deploy failed: ${[...new Set(causes.map(causeText))].join(', ')}`, {
    hint: consequence,
    problems: causes.map(({ stackPath, logicalId, path, reason, hint }) => ({
      // a path in a nested stack is in a template of its own
      at: placeOf(stackPath[0] ?? logicalId, stackPath.length === 0 ? path : []),
      message: reason,
      ...(hint === undefined ? {} : { hint }),
    })),
    cause: failure,
  });
}
