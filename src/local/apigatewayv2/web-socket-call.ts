// Calls the function of a WebSocket API's route, and reads what it returns.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integrations.html
import { AwsError, type Cloud } from '../cloud.ts';
import { functionOf } from './integrations.ts';
import type { Integration } from './state.ts';
import type { Connection } from './web-socket-event.ts';

/** What a function answered; `status` is that of the log. */
export interface Answer {
  readonly status: number;
  readonly failed: boolean;
  readonly error?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const failed = (status: number, error: string): Answer => ({ status, failed: true, error });

/** What a function returns for a route: `{statusCode, body}`. */
function readAnswer(payload: string): Answer {
  const result = JSON.parse(payload) as { statusCode?: unknown; body?: unknown; headers?: unknown } | null;
  const status = Number(result?.statusCode);
  if (!Number.isInteger(status)) return failed(502, 'the function answered without a statusCode');
  const { body, headers } = result ?? {};
  return {
    status,
    failed: false,
    ...(typeof body === 'string' ? { body } : {}),
    ...(typeof headers === 'object' && headers !== null ? { headers: headers as Record<string, string> } : {}),
  };
}

export async function callRoute(
  cloud: Cloud,
  connection: Connection,
  { key, integration, event }: { readonly key: string; readonly integration: Integration; readonly event: object },
): Promise<Answer> {
  const { region, accountId, api, stage } = connection;
  const sourceArn = `arn:aws:execute-api:${region}:${accountId}:${api.id}/${stage.name}/${key}`;
  const invoked = cloud.call(
    'lambda',
    'Invoke',
    { FunctionName: functionOf(integration.uri) ?? '', Payload: Buffer.from(JSON.stringify(event)) },
    { kind: 'service', service: 'apigateway.amazonaws.com', sourceArn },
  );
  try {
    const result = await cloud.pauses.within(integration.timeoutMs, invoked, cloud);
    if (result === 'timeout') {
      invoked.catch(() => undefined);
      return failed(504, 'the function did not answer in time');
    }
    const payload = Buffer.from(result.Payload ?? []).toString('utf8');
    return result.FunctionError === undefined ? readAnswer(payload) : failed(502, payload);
  } catch (error) {
    if (error instanceof AwsError) return failed(500, error.message);
    throw error;
  }
}
