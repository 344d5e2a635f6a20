// When Lambda moves a function to a newer build of its runtime.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, object, oneOf, type Schema } from '../base/schema.ts';
import { textOrIntrinsic } from '../cfn/value-schema.ts';
import type { Setting } from './setting.ts';

export interface RuntimeManagement {
  readonly updateRuntimeOn: 'Auto' | 'FunctionUpdate' | 'Manual';
  readonly runtimeVersionArn?: Plain;
}

const when = oneOf(
  ['Auto', 'FunctionUpdate', 'Manual'],
  'When to move to a newer build: automatically (Auto), with each deploy (FunctionUpdate), or never (Manual).',
);
const short: Schema<RuntimeManagement> = converted(when, (updateRuntimeOn) =>
  updateRuntimeOn === 'Manual'
    ? { wrong: 'Manual needs a runtimeVersionArn', hint: 'write {updateRuntimeOn: Manual, runtimeVersionArn: …}' }
    : { value: { updateRuntimeOn } },
);
const long: Schema<RuntimeManagement> = converted(
  object({
    required: { updateRuntimeOn: when },
    optional: {
      runtimeVersionArn: described(
        'With Manual: the runtime version to stay on.',
        textOrIntrinsic(/^arn:[a-z0-9-]+:lambda:\S*:runtime[:/]\S+$/, 'the ARN of a runtime version, or an intrinsic'),
        {
          examples: [
            'arn:aws:lambda:eu-west-1::runtime:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
          ],
        },
      ),
    },
    elsewhere: { mode: 'updateRuntimeOn', arn: 'runtimeVersionArn' },
  }),
  (value) => {
    const manual = value.updateRuntimeOn === 'Manual';
    if (manual !== (value.runtimeVersionArn !== undefined)) {
      return {
        wrong: manual ? 'Manual needs a runtimeVersionArn' : 'runtimeVersionArn needs updateRuntimeOn: Manual',
      };
    }
    return { value };
  },
);

export const runtimeManagement: Setting<RuntimeManagement> = {
  schema: described(
    'When the function moves to a newer build of its runtime.',
    byKind<RuntimeManagement>({
      scalar: short,
      map: long,
      expected: 'Auto, FunctionUpdate, or a map with updateRuntimeOn',
    }),
    {
      default: 'Auto',
      examples: ['FunctionUpdate'],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html',
    },
  ),
  elsewhere: ['runtimeManagementConfig'],
  compile: ({ updateRuntimeOn, runtimeVersionArn }) => ({
    properties: {
      RuntimeManagementConfig: {
        UpdateRuntimeOn: updateRuntimeOn,
        ...(runtimeVersionArn === undefined ? {} : { RuntimeVersionArn: runtimeVersionArn }),
      },
    },
  }),
};
