import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

const client = new SFNClient({});

interface Order {
  id: string;
  lines: string[];
}

export const handler = async (order: Order) => {
  const command = new StartExecutionCommand({
    stateMachineArn: process.env['FLOW'],
    name: order.id, // the same order is not started twice
    input: JSON.stringify(order),
  });
  const { executionArn } = await client.send(command);
  return { executionArn };
};
