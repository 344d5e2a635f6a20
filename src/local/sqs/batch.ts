// Shared by SQS's batch operations: the rules for entries, and one result per entry.
import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../cloud.ts';

const entryLimit = 10;

type BatchOperation = 'ChangeMessageVisibilityBatch' | 'DeleteMessageBatch' | 'SendMessageBatch';

interface Entry {
  readonly Id: string | undefined;
}

/** Runs each entry on its own: a failed entry does not stop the others. */
export function runBatch<E extends Entry, R extends object>(
  operation: BatchOperation,
  entries: readonly E[] | undefined,
  run: (entry: E) => R,
) {
  checkEntries(operation, entries ?? []);
  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries ?? []) {
    const Id = entry.Id ?? '';
    try {
      Successful.push({ Id, ...run(entry) });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id, SenderFault: true, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function checkEntries(operation: BatchOperation, entries: readonly Entry[]): void {
  if (entries.length === 0) {
    throw new AwsError('EmptyBatchRequest', `There should be at least one ${operation}RequestEntry in the request.`);
  }
  if (entries.length > entryLimit) {
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${entryLimit}. You have sent ${entries.length}.`,
    );
  }
  const ids = new Set<string>();
  for (const { Id = '' } of entries) {
    if (!/^[\w-]{1,80}$/.test(Id)) {
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
    }
    if (ids.has(Id)) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${Id} repeated.`);
    ids.add(Id);
  }
}
