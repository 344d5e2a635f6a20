// The input templates of pipes: `<$.body.id>` is a value of the event, `<aws.pipes.pipe-name>` one of the pipe.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html
import { jsonPath } from '../../cfn/json-path.ts';
import type { Cloud } from '../cloud.ts';
import { type Pipe, pipeArn } from './state.ts';

export function filled(cloud: Cloud, pipe: Pipe, template: string | undefined, event: unknown): unknown {
  if (template === undefined || template === '') return event;
  const reserved: Readonly<Record<string, unknown>> = {
    'aws.pipes.pipe-arn': pipeArn(cloud, pipe.name),
    'aws.pipes.pipe-name': pipe.name,
    'aws.pipes.source-arn': pipe.settings.Source,
    'aws.pipes.target-arn': pipe.settings.Target,
    'aws.pipes.enrichment-arn': pipe.settings.Enrichment,
    'aws.pipes.event-ingestion-time': new Date(cloud.now()).toISOString(),
    'aws.pipes.event': event,
    'aws.pipes.event.json': event,
  };
  const opened = withParsedText(event);
  let isInText = false;
  const text = template.replace(/\\.|"|<(\$[^>]*|aws\.pipes\.[\w.-]+)>/g, (found, name: string | undefined) => {
    if (found === '"') isInText = !isInText;
    if (name === undefined) return found;
    const value = name.startsWith('$') ? jsonPath(opened, name) : reserved[name];
    if (!isInText) return JSON.stringify(value ?? '');
    return JSON.stringify(typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value)).slice(
      1,
      -1,
    );
  });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** The body of a message and the data of a record are read as JSON if they are.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html#input-transform-implicit */
function withParsedText(event: unknown): unknown {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) return event;
  const { body, data } = event as { readonly body?: unknown; readonly data?: unknown };
  return {
    ...event,
    ...(typeof body === 'string' ? { body: parsed(body) } : {}),
    ...(typeof data === 'string' ? { data: parsed(Buffer.from(data, 'base64').toString('utf8')) } : {}),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
