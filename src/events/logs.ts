// `logs`: what is written to log groups. CloudWatch Logs calls the function's live alias with the events that match a pattern.
import type { Problem } from '../base/error.ts';
import { sha256 } from '../base/hash.ts';
import { byKind, converted, described, flag, list, object, type Schema, text } from '../base/schema.ts';
import { nearest } from '../base/suggest.ts';
import { logGroupArn } from '../cfn/arn.ts';
import { compileLogFilter, LogFilterError } from '../cfn/log-filter.ts';
import { logGroupName, pascalCase } from '../cfn/names.ts';
import type { Part } from '../cfn/part.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import { allowInvoke } from './_invoke.ts';
import type { EventSource, LogGroupReference, SourceContext, Use } from './source.ts';

export interface LogSource {
  /** Logical ids of groups under resources, or names of groups that exist. */
  readonly groups: readonly string[];
  /** Functions of the project. */
  readonly functions: readonly string[];
  readonly pattern: string;
  readonly transformed: boolean;
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html
const mostFilters = 2;
const longestPattern = 1024;

const groupText = text({
  pattern: /^[.\-_/#A-Za-z0-9]{1,512}$/,
  expected: 'the logical id or name of a log group',
});
const functionText = text({ expected: 'the name of a function' });

function oneOrMore(item: Schema<string>): Schema<readonly string[]> {
  return byKind<readonly string[]>({
    scalar: converted(item, (value) => ({ value: [value] })),
    list: list(item, { least: 1 }),
    expected: `${item.expected}, or a list of them`,
  });
}

const pattern: Schema<string> = converted(text({ longest: longestPattern }), (written) => {
  try {
    compileLogFilter(written);
    return { value: written };
  } catch (error) {
    if (!(error instanceof LogFilterError)) throw error;
    const hint = 'words such as ERROR, "two words" or ?either ?or; or { $.level = "error" } for JSON';
    return { wrong: `"${written}" is not a filter pattern of CloudWatch Logs`, hint };
  }
});

const short: Schema<LogSource> = converted(groupText, (group) => ({
  value: { groups: [group], functions: [], pattern: '', transformed: false },
}));
const long: Schema<LogSource> = converted(
  object({
    required: {},
    optional: {
      functions: described('Functions of the project whose logs to read.', oneOrMore(functionText), {
        examples: [['orders', 'billing']],
      }),
      groups: described(
        'Log groups: logical ids under resources, or names of groups that exist.',
        oneOrMore(groupText),
        { examples: ['/aws/rds/instance/shop/error', ['AuditLogs']] },
      ),
      pattern: described('Which events; all by default.', pattern, {
        default: '',
        examples: ['ERROR', '{ $.level = "error" }'],
        aws: 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html',
      }),
      transformed: described("The events as the group's transformer makes them.", flag, { default: false }),
    },
    elsewhere: {
      logGroup: 'groups',
      logGroupName: 'groups',
      group: 'groups',
      function: 'functions',
      filter: 'pattern',
      filterPattern: 'pattern',
      applyOnTransformedLogs: 'transformed',
    },
  }),
  ({ functions = [], groups = [], pattern: written = '', transformed = false }) =>
    functions.length + groups.length === 0
      ? {
          wrong: 'expected functions or groups',
          hint: 'such as functions: orders, or groups: /aws/rds/instance/shop/error',
        }
      : { value: { functions, groups, pattern: written, transformed } },
);

export const logs: EventSource<'logs', LogSource> = {
  kind: 'logs',
  schema: byKind({ scalar: short, map: long, expected: 'a log group' }),
  docs: {
    summary: 'Calls the function with what is written to log groups, such as those of other functions.',
    example: 'logs: {groups: /aws/rds/instance/shop/error, pattern: ERROR}',
    aws: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/SubscriptionFilters.html#LambdaFunctionExample',
  },

  fire: ({ config }, context) => ({ to: 'log group', at: groupsOf(config, context)[0]?.name ?? '' }),
  typeOf: () => 'lambda.CloudWatchLogsEvent',

  describe: ({ functions, groups, pattern: written }) =>
    `logs ${[...functions.map((name) => `of ${name}`), ...groups].join(', ')}${written === '' ? '' : ` ${written}`}`,

  check: (uses, context) => [
    ...uses.flatMap((use) => [...checkNames(use, context), ...checkLoop(use, context), ...checkClass(use, context)]),
    ...tooMany(uses, context),
  ],
  warn: (uses, context) => circles(uses, context),

  compile({ function: to, config }, context): Part {
    const resources: Record<string, Resource> = {};
    for (const group of groupsOf(config, context)) {
      const id = to.id(`Logs${group.idPart}`);
      // CloudWatch Logs checks that it may call the function
      resources[`${id}Permission`] = allowInvoke(to, 'logs.amazonaws.com', group.arn, ref('AWS::AccountId'));
      resources[id] = {
        Type: 'AWS::Logs::SubscriptionFilter',
        DependsOn: `${id}Permission`,
        Properties: {
          LogGroupName: group.name,
          FilterPattern: config.pattern,
          DestinationArn: to.alias,
          ...(config.transformed ? { ApplyOnTransformedLogs: true } : {}),
        },
      };
    }
    return { resources };
  },
};

const groupType = 'AWS::Logs::LogGroup';

interface Group extends LogGroupReference {
  readonly idPart: string;
  /** The same for the same group. */
  readonly key: string;
}

function groupsOf({ functions, groups }: LogSource, context: SourceContext): readonly Group[] {
  return [
    ...functions.flatMap((name) => {
      const group = context.functionNamed(name)?.logGroup;
      return group === undefined ? [] : [{ ...group, idPart: `Of${pascalCase(name)}`, key: keyOf(group.name) }];
    }),
    ...groups.map((written) => {
      const group = groupNamed(written, context);
      const idPart = context.resources.has(written) ? written : `${pascalCase(written)}${sha256(written).slice(0, 8)}`;
      return { ...group, idPart, key: keyOf(group.name) };
    }),
  ];
}

function groupNamed(written: string, { resources }: SourceContext): LogGroupReference {
  const resource = resources.get(written);
  if (resource !== undefined) {
    const groupClass = resource.Properties?.['LogGroupClass'];
    return {
      name: ref(written),
      arn: attribute(written, 'Arn'),
      class: typeof groupClass === 'string' ? groupClass : undefined,
    };
  }
  return { name: written, arn: logGroupArn(written) };
}

function keyOf(name: Value): string {
  return JSON.stringify(name);
}

function checkNames({ function: to, config, at }: Use<LogSource>, context: SourceContext): Problem[] {
  const ofFunctions = config.functions.flatMap((name): Problem[] => {
    const other = context.functionNamed(name);
    if (other === undefined) return [{ at, message: `there is no function "${name}"` }];
    if (other.logGroup === undefined) return [{ at, message: `"${name}" writes no logs`, hint: 'turn its logging on' }];
    if (other.condition === undefined || other.condition === to.condition) return [];
    const message = `"${name}" has the condition ${other.condition}, and "${to.name}" does not`;
    return [{ at, message, hint: 'give both functions the same condition' }];
  });
  const ofGroups = config.groups.flatMap((written): Problem[] => {
    const type = context.resources.get(written)?.Type;
    if (type !== undefined)
      return type === groupType ? [] : [{ at, message: `"${written}" is ${type}, not ${groupType}` }];
    const ids = [...context.resources].flatMap(([id, resource]) => (resource.Type === groupType ? [id] : []));
    const suggestion = nearest(written, ids);
    if (suggestion === undefined) return [];
    const message = `there is no log group "${written}" under resources`;
    return [{ at, message, hint: `did you mean "${suggestion}"?` }];
  });
  return [...ofFunctions, ...ofGroups];
}

/** What the function writes would call it again, without end. */
function checkLoop({ function: to, config, at }: Use<LogSource>, context: SourceContext): Problem[] {
  if (to.logGroup === undefined) return [];
  const own = keyOf(to.logGroup.name);
  const literal = keyOf(to.logGroup.literal ?? logGroupName(context.names, to.name));
  const isOwn = groupsOf(config, context).some(({ key }) => key === own || key === literal);
  if (!isOwn) return [];
  const message = `"${to.name}" would be called for its own logs, without end`;
  return [{ at, message, hint: 'let another function read them' }];
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html */
function checkClass({ config, at }: Use<LogSource>, context: SourceContext): Problem[] {
  const other = groupsOf(config, context).find((group) => group.class !== undefined && group.class !== 'STANDARD');
  if (other === undefined) return [];
  const message = `CloudWatch Logs sends nothing from groups of the class ${other.class}`;
  return [{ at, message, hint: 'read a group of the class STANDARD, by another logGroupClass' }];
}

function tooMany(uses: readonly Use<LogSource>[], context: SourceContext): Problem[] {
  const counts = new Map<string, number>();
  for (const resource of context.resources.values()) {
    if (resource.Type !== 'AWS::Logs::SubscriptionFilter') continue;
    const key = keyOf(resource.Properties?.['LogGroupName'] ?? '');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const seen = new Set<string>();
  return uses.flatMap((use) =>
    groupsOf(use.config, context).flatMap(({ key, idPart }): Problem[] => {
      const { at, function: to } = use;
      const id = to.id(`Logs${idPart}`);
      if (seen.has(id)) return [{ at, message: `"${to.name}" reads this log group twice`, hint: 'use one pattern' }];
      seen.add(id);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      if (count <= mostFilters) return [];
      const message = `a log group has at most ${mostFilters} subscription filters, and this is another one of the same group`;
      return [{ at, message, hint: 'let one function read the group and call the others' }];
    }),
  );
}

/** Functions that read each other's logs call each other without end, unless a pattern ends it. */
function circles(uses: readonly Use<LogSource>[], context: SourceContext): Problem[] {
  const readers = new Map<string, Set<string>>();
  for (const { function: to, config } of uses) {
    for (const { key } of groupsOf(config, context)) {
      const names = readers.get(key) ?? new Set();
      readers.set(key, names.add(to.name));
    }
  }
  const reaches = (from: string, target: string, seen: Set<string>): boolean => {
    const group = context.functionNamed(from)?.logGroup;
    const next = group === undefined ? [] : [...(readers.get(keyOf(group.name)) ?? [])];
    return next.some((name) => {
      if (name === target) return true;
      if (seen.has(name)) return false;
      seen.add(name);
      return reaches(name, target, seen);
    });
  };
  const warned = new Set<string>();
  return uses.flatMap(({ function: to, at }) => {
    if (warned.has(to.name) || !reaches(to.name, to.name, new Set())) return [];
    warned.add(to.name);
    const message = `functions that read each other's logs may call each other without end: "${to.name}" is one of them`;
    return [{ at, message, hint: 'choose patterns that their own logs do not match' }];
  });
}
