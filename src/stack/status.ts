// Every stack status, and what a deploy does about it. The table is total: a missing status does not compile.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html#cfn-stack-status-codes

/** `update` a stack that works; `replace` one that never did (delete, then create); `wait` for one in progress; `recover` one whose update
 * or rollback stopped half way, with `fx recover`; `remove` one whose deletion stopped, with `fx remove`; `stuck` needs a person. */
export type Move = 'create' | 'update' | 'replace' | 'wait' | 'recover' | 'remove' | 'stuck';

export const moves = {
  CREATE_COMPLETE: 'update',
  CREATE_FAILED: 'replace',
  CREATE_IN_PROGRESS: 'wait',
  DELETE_COMPLETE: 'create',
  DELETE_FAILED: 'remove',
  DELETE_IN_PROGRESS: 'wait',
  IMPORT_COMPLETE: 'update',
  IMPORT_IN_PROGRESS: 'wait',
  IMPORT_ROLLBACK_COMPLETE: 'update',
  IMPORT_ROLLBACK_FAILED: 'stuck',
  IMPORT_ROLLBACK_IN_PROGRESS: 'wait',
  REVIEW_IN_PROGRESS: 'replace',
  ROLLBACK_COMPLETE: 'replace',
  ROLLBACK_FAILED: 'replace',
  ROLLBACK_IN_PROGRESS: 'wait',
  UPDATE_COMPLETE: 'update',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'wait',
  UPDATE_FAILED: 'recover',
  UPDATE_IN_PROGRESS: 'wait',
  UPDATE_ROLLBACK_COMPLETE: 'update',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'wait',
  UPDATE_ROLLBACK_FAILED: 'recover',
  UPDATE_ROLLBACK_IN_PROGRESS: 'wait',
} as const satisfies Record<string, Move>;

export type StackStatus = keyof typeof moves;

export function moveFor(status: string | undefined): Move {
  if (status === undefined) return 'create';
  const move = (moves as Record<string, Move>)[status];
  // AWS may add a status: waiting on it might never end, and changing the stack might do harm
  return move ?? 'stuck';
}

/** Whether the stack is idle. */
export function isAtRest(status: string): boolean {
  return moveFor(status) !== 'wait';
}

/** Whether the stack matches its template: its last change succeeded. */
export function isClean(status: string): boolean {
  return status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE' || status === 'IMPORT_COMPLETE';
}
