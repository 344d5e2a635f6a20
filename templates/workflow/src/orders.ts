import { randomUUID } from 'node:crypto';
import { DescribeExecutionCommand, ExecutionDoesNotExist, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';

const client = new SFNClient();
const stateMachineArn = process.env.WORKFLOW ?? '';

export const handler: APIGatewayProxyHandlerV2 = async ({ body, pathParameters }) => {
  const id = pathParameters?.id;
  if (id !== undefined) return progressOf(id);
  const { lines } = JSON.parse(body ?? '{}') as { lines?: string[] };
  if (!Array.isArray(lines)) return answer(400, { error: 'an order has lines' });
  // the name of the execution: the same order is not started twice
  const name = randomUUID();
  await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify({ id: name, lines }) }));
  return answer(202, { id: name });
};

async function progressOf(id: string) {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${id}`;
  try {
    const { status, output } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return answer(200, { id, progress: status, ...(output === undefined ? {} : JSON.parse(output)) });
  } catch (error) {
    if (!(error instanceof ExecutionDoesNotExist)) throw error;
    return answer(404, { error: `there is no order ${id}` });
  }
}

const answer = (statusCode: number, body: object) => ({ statusCode, body: JSON.stringify(body) });
