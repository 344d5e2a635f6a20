// Batches of messages, of which some may fail.
interface Batch {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** Does the work for each message, and reports those for which it failed: only these come again. */
export async function forEach<Message>({ Records }: Batch, work: (message: Message) => Promise<void>) {
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    try {
      await work(JSON.parse(body) as Message);
    } catch (error) {
      console.error(`message ${messageId}: ${(error as Error).message}`);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

export type { Batch };
