// Topic rules of IoT: their settings, kept by name.
// https://docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html
import type { Action, TopicRulePayload } from '@aws-sdk/client-iot';
import { topicMatches } from '../../cfn/iot-topics.ts';
import { AwsError, type Cloud, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import { pageByName } from '../paging.ts';
import type { Collection } from '../store.ts';
import { withoutKeys } from '../without-keys.ts';
import { checkAction } from './actions.ts';
import { parseStatement } from './sql.ts';

export interface Rule {
  readonly name: string;
  readonly sql: string;
  readonly sqlVersion: string;
  readonly description: string;
  readonly actions: readonly Action[];
  readonly errorAction?: Action;
  readonly isDisabled: boolean;
  readonly createdAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

export const rulesOf = (cloud: Cloud): Collection<Rule> => cloud.collection('iot.rules');

export function ruleArn(cloud: Cloud, name: string): string {
  return `arn:aws:iot:${cloud.region}:${cloud.accountId}:rule/${name}`;
}

const versions = ['2015-10-08', '2016-03-23', 'beta'];
const mostActions = 10;

export function ruleOperations(cloud: Cloud): Operations<'iot'> {
  const rules = rulesOf(cloud);
  const onRule = { resource: ({ ruleName }: { ruleName?: string | undefined }) => ruleArn(cloud, ruleName ?? '') };
  const existing = (name: string | undefined): Rule => {
    const rule = rules.get(name ?? '');
    // IoT does not tell whether there is one
    if (rule === undefined)
      throw new AwsError('UnauthorizedException', `Access to topic rule '${name}' was denied`, 401);
    return rule;
  };
  const switched = (isDisabled: boolean) => ({
    members: ['ruleName'] as const,
    authorize: onRule,
    run({ ruleName }: { ruleName?: string | undefined }) {
      const rule = existing(ruleName);
      rules.set(rule.name, { ...rule, isDisabled });
      return {};
    },
  });
  return {
    CreateTopicRule: {
      members: ['ruleName', 'topicRulePayload', 'tags'],
      authorize: onRule,
      run({ ruleName: name = '', topicRulePayload, tags = '' }) {
        checkConstraints('InvalidRequestException', [
          ['ruleName', name, { pattern: '[a-zA-Z0-9_]+', min: 1, max: 128 }],
        ]);
        if (rules.has(name)) {
          const fields = { resourceId: name, resourceArn: ruleArn(cloud, name) };
          throw new AwsError(
            'ResourceAlreadyExistsException',
            `Rule already exists with same name: ${name}`,
            409,
            fields,
          );
        }
        const created = { name, createdAt: cloud.now(), tags: Object.fromEntries(new URLSearchParams(tags)) };
        rules.set(name, { ...created, ...settingsOf(cloud, topicRulePayload) });
        return {};
      },
    },
    ReplaceTopicRule: {
      members: ['ruleName', 'topicRulePayload'],
      authorize: onRule,
      run({ ruleName, topicRulePayload }) {
        const { name, createdAt, tags } = existing(ruleName);
        rules.set(name, { name, createdAt, tags, ...settingsOf(cloud, topicRulePayload) });
        return {};
      },
    },
    GetTopicRule: {
      members: ['ruleName'],
      authorize: onRule,
      run({ ruleName }) {
        const rule = existing(ruleName);
        const { name, sql, sqlVersion, description, actions, errorAction, isDisabled, createdAt } = rule;
        return {
          ruleArn: ruleArn(cloud, name),
          rule: {
            ruleName: name,
            sql,
            description,
            createdAt: new Date(createdAt),
            actions: [...actions],
            ruleDisabled: isDisabled,
            awsIotSqlVersion: sqlVersion,
            ...(errorAction === undefined ? {} : { errorAction }),
          },
        };
      },
    },
    ListTopicRules: {
      members: ['topic', 'maxResults', 'nextToken', 'ruleDisabled'],
      run({ topic, maxResults = 100, nextToken, ruleDisabled }) {
        const matching = [...rules.values()]
          .filter(({ isDisabled }) => ruleDisabled === undefined || isDisabled === ruleDisabled)
          .filter(({ sql }) => topic === undefined || topicMatches(parseStatement(sql).topicFilter, topic))
          .sort((left, right) => (left.name < right.name ? -1 : 1));
        const page = pageByName(matching, ({ name }) => name, { token: nextToken, most: maxResults });
        return {
          rules: page.items.map(({ name, sql, createdAt, isDisabled }) => ({
            ruleArn: ruleArn(cloud, name),
            ruleName: name,
            topicPattern: parseStatement(sql).topicFilter,
            createdAt: new Date(createdAt),
            ruleDisabled: isDisabled,
          })),
          ...(page.nextToken === undefined ? {} : { nextToken: page.nextToken }),
        };
      },
    },
    DeleteTopicRule: {
      members: ['ruleName'],
      authorize: onRule,
      run({ ruleName }) {
        rules.delete(existing(ruleName).name);
        return {};
      },
    },
    EnableTopicRule: switched(false),
    DisableTopicRule: switched(true),
    DescribeEndpoint: {
      members: ['endpointType'],
      // the data plane answers at the same address as everything else
      run: () => ({ endpointAddress: new URL(cloud.endpoint).host }),
    },
    TagResource: {
      members: ['resourceArn', 'tags'],
      authorize: { resource: ({ resourceArn }) => resourceArn },
      run({ resourceArn, tags = [] }) {
        const rule = tagged(rules, cloud, resourceArn);
        const more = Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
        rules.set(rule.name, { ...rule, tags: { ...rule.tags, ...more } });
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      authorize: { resource: ({ resourceArn }) => resourceArn },
      run({ resourceArn, tagKeys = [] }) {
        const rule = tagged(rules, cloud, resourceArn);
        rules.set(rule.name, { ...rule, tags: withoutKeys(rule.tags, tagKeys) });
        return {};
      },
    },
    ListTagsForResource: {
      members: ['resourceArn', 'nextToken'],
      authorize: { resource: ({ resourceArn }) => resourceArn },
      run({ resourceArn }) {
        const { tags } = tagged(rules, cloud, resourceArn);
        return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
      },
    },
  };
}

function tagged(rules: Collection<Rule>, cloud: Cloud, arn: string | undefined): Rule {
  const rule = rules.get(arn?.slice(ruleArn(cloud, '').length) ?? '');
  if (rule === undefined) throw new AwsError('ResourceNotFoundException', `The resource ${arn} does not exist.`, 404);
  return rule;
}

function settingsOf(cloud: Cloud, payload: TopicRulePayload | undefined) {
  const { sql = '', actions = [], awsIotSqlVersion = '2015-10-08', description = '', errorAction } = payload ?? {};
  if (!versions.includes(awsIotSqlVersion)) {
    throw new AwsError('InvalidRequestException', `Unsupported SQL version: ${awsIotSqlVersion}`, 400);
  }
  parseStatement(sql);
  if (actions.length > mostActions) {
    throw new AwsError('InvalidRequestException', `A rule has at most ${mostActions} actions.`, 400);
  }
  for (const action of [...actions, ...(errorAction === undefined ? [] : [errorAction])]) checkAction(cloud, action);
  return {
    sql,
    sqlVersion: awsIotSqlVersion,
    description,
    actions,
    ...(errorAction === undefined ? {} : { errorAction }),
    isDisabled: payload?.ruleDisabled ?? false,
  };
}
