// Bills the orders of a batch. The response lists the failed ones, which SQS delivers again; the others are done.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly attributes: { readonly ApproximateReceiveCount: string };
  }[];
}

export async function handler(event: QueueEvent) {
  const failed: string[] = [];
  for (const { messageId, body, attributes } of event.Records) {
    try {
      const { order, cents } = parse(body);
      console.log(`billed order ${order}: ${(cents / 100).toFixed(2)}`);
    } catch (error) {
      console.error(`try ${attributes.ApproximateReceiveCount} failed: ${(error as Error).message}`);
      failed.push(messageId);
    }
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

function parse(body: string): { readonly order: number; readonly cents: number } {
  const { order, cents } = JSON.parse(body) as { order?: unknown; cents?: unknown };
  if (!Number.isInteger(order)) throw new Error(`no order number in ${body}`);
  if (!Number.isInteger(cents) || Number(cents) <= 0) throw new Error(`order ${order} has nothing to bill`);
  return { order: Number(order), cents: Number(cents) };
}
