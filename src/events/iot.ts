// `iot`: messages of devices that a rule of AWS IoT Core selects by SQL. The rule calls the function's live alias.
import type { Problem } from '../base/error.ts';
import { byKind, converted, described, flag, object, oneOf, type Schema, text } from '../base/schema.ts';
import { arnOf } from '../cfn/arn.ts';
import { parseIotSql } from '../cfn/iot-sql.ts';
import { IotSqlError } from '../cfn/iot-sql-tokens.ts';
import { pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { ref } from '../cfn/resource.ts';
import { allowInvoke } from './_invoke.ts';
import { checkFailureTarget, type FailureTarget, failureAction, failureTarget } from './_iot-failure.ts';
import type { EventSource, Use } from './source.ts';

// https://docs.aws.amazon.com/iot/latest/developerguide/iot-rule-sql-version.html
const sqlVersions = ['2015-10-08', '2016-03-23', 'beta'] as const;

export interface DeviceMessages {
  readonly sql: string;
  readonly sqlVersion: (typeof sqlVersions)[number];
  readonly name?: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly onFailure?: FailureTarget;
}

const expected = "a statement such as SELECT * FROM 'sensors/+/temperature'";
// https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
const sql: Schema<string> = converted(text({ expected }), (written) => {
  try {
    // which functions there are, AWS knows
    parseIotSql(written, () => () => undefined);
    return { value: written };
  } catch (error) {
    if (!(error instanceof IotSqlError)) throw error;
    return { wrong: `"${written}" is not a statement of IoT's SQL: ${error.message}`, hint: expected };
  }
});
const usual = '2016-03-23';

const short: Schema<DeviceMessages> = converted(sql, (written) => ({
  value: { sql: written, sqlVersion: usual, enabled: true },
}));
const long: Schema<DeviceMessages> = converted(
  object({
    required: {
      sql: described("Which messages, and what of them, in IoT's SQL.", sql, {
        examples: ["SELECT * FROM 'sensors/+/temperature'"],
      }),
    },
    optional: {
      sqlVersion: oneOf(sqlVersions, 'The version of the SQL.', { default: usual }),
      name: described(
        'The name of the rule in AWS; CloudFormation makes one without it.',
        text({ pattern: /^[A-Za-z0-9_]{1,128}$/, expected: 'letters, digits and _' }),
        { examples: ['temperatures'] },
      ),
      description: described('A description, shown next to the name in AWS.', text(), { examples: ['Temperatures'] }),
      enabled: described('With false, the rule is off.', flag, { default: true }),
      onFailure: failureTarget,
    },
    elsewhere: { errorAction: 'onFailure', awsIotSqlVersion: 'sqlVersion', ruleName: 'name', ruleDisabled: 'enabled' },
  }),
  ({ sqlVersion = usual, enabled = true, ...written }) => ({ value: { ...written, sqlVersion, enabled } }),
);

export const iot: EventSource<'iot', DeviceMessages> = {
  kind: 'iot',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'Calls the function with messages of devices, which a rule of AWS IoT selects.',
    example: `iot: "SELECT * FROM 'sensors/+/temperature'"`,
    aws: 'https://docs.aws.amazon.com/iot/latest/developerguide/lambda-rule-action.html',
  },
  fire: ({ config: { sql: written } }) => ({ to: 'device topic', topic: topicIn(written) }),
  describe: ({ sql: written, enabled }) => `iot ${written}${enabled ? '' : ' (disabled)'}`,
  check: (uses, context) => [
    ...uses.flatMap((use) => checkFailureTarget(use.config.onFailure, use, context)),
    ...sameNames(uses),
  ],
  compile({ function: to, config, ordinal }, context): Part {
    const suffix = config.name === undefined ? (ordinal === 1 ? '' : String(ordinal)) : pascalCase(config.name);
    const id = to.id(`Iot${suffix}`);
    const { sql: Sql, sqlVersion, name, description, enabled, onFailure } = config;
    const failure = onFailure === undefined ? undefined : failureAction(onFailure, id, context);
    return {
      resources: {
        [id]: {
          Type: 'AWS::IoT::TopicRule',
          Properties: {
            ...(name === undefined ? {} : { RuleName: name }),
            TopicRulePayload: {
              Sql,
              AwsIotSqlVersion: sqlVersion,
              ...(description === undefined ? {} : { Description: description }),
              RuleDisabled: !enabled,
              Actions: [{ Lambda: { FunctionArn: to.alias } }],
              ...(failure === undefined ? {} : { ErrorAction: failure.action }),
            },
          },
        },
        [`${id}Permission`]: allowInvoke(
          to,
          'iot.amazonaws.com',
          arnOf(id, 'AWS::IoT::TopicRule'),
          ref('AWS::AccountId'),
        ),
        ...failure?.resources,
      },
    };
  },
};

/** A topic that the rule's filter lets through: `sensors/+/temperature` has `sensors/fx/temperature`. */
function topicIn(written: string): string {
  const [, filter = ''] = /\bFROM\s+'([^']*)'/i.exec(written) ?? [];
  return filter.replaceAll(/[+#]/g, 'fx');
}

function sameNames(uses: readonly Use<DeviceMessages>[]): Problem[] {
  const seen = new Set<string>();
  return uses.flatMap(({ config: { name }, at }) => {
    if (name === undefined) return [];
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ at, message: `two rules of IoT have the name "${name}"` }];
  });
}
