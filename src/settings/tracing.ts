// Whether X-Ray traces the function's calls.
import { oneOf } from '../base/schema.ts';
import type { Setting } from './setting.ts';

/** X-Ray has no narrower resource for these actions:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html */
export const tracing: Setting<'Active' | 'PassThrough'> = {
  schema: oneOf(
    ['Active', 'PassThrough'],
    'Active traces calls with X-Ray; PassThrough only those that the caller traces.',
    {
      default: 'PassThrough',
      examples: ['Active'],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html',
    },
  ),
  elsewhere: ['tracingConfig'],
  compile: (Mode) => ({
    properties: { TracingConfig: { Mode } },
    statements:
      Mode === 'Active'
        ? [{ Effect: 'Allow', Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], Resource: ['*'] }]
        : [],
  }),
};
