// Schedules, buses, buckets, logs, devices, user pools and skills.
import type { Plain } from '../../../base/located.ts';
import { isMap } from '../../../base/plain.ts';
import { functionIds, pascalCase } from '../../../cfn/names.ts';
import type { Cursor } from '../../cursor.ts';
import { placeOf } from '../../draft.ts';
import { actualText, alphanumeric, idIn, type Service, withOurIds } from '../service.ts';
import { add, clean, type EventContext, type EventRule, enabledOf, reference, type Settings, taken } from './rule.ts';

/** `{inputPathsMap, inputTemplate}` → `{paths, template}`. */
function transformerOf(cursor: Cursor | undefined): Plain | undefined {
  if (cursor === undefined) return undefined;
  const paths = cursor.child('inputPathsMap')?.plain();
  const template = cursor.child('inputTemplate')?.plain();
  // <id> without quotes is a value of any type
  const quoted =
    typeof template === 'string' ? template.replace(/(?<=[:,[]\s*)<([\w.-]+)>(?=\s*[,}\]])/g, '"<$1>"') : template;
  return clean({ paths, template: parsed(quoted) });
}

/** JSON in a text, where it is some. */
function parsed(value: Plain | undefined): Plain | undefined {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as Plain;
  } catch {
    return value;
  }
}

const inputOf = (cursor: Cursor | undefined): Settings => {
  if (cursor === undefined) return {};
  return { input: parsed(cursor.plain()) };
};

export const schedule: EventRule = (context) => {
  const { config } = context;
  if (!config.isMap)
    return void add(context, 'schedule', { expression: expressionOf(config.text() ?? ''), rule: true });
  const rates = config.child('rate')?.each() ?? [];
  const method = config.child('method')?.text();
  const group = config.child('groupName')?.plain();
  const timezone = config.child('timezone')?.plain();
  const isScheduler = method === 'scheduler' || group !== undefined || timezone !== undefined;
  const inputPath = config.child('inputPath')?.plain();
  const transformer = transformerOf(config.child('inputTransformer'));
  const common: Settings = {
    ...taken(config, { name: 'name', description: 'description' }),
    ...(group === undefined ? {} : { group }),
    ...(timezone === undefined ? {} : { timezone }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
  };
  const rule = isScheduler
    ? undefined
    : inputPath === undefined && transformer === undefined
      ? true
      : clean({ inputPath, transformer });
  for (const [index, rate] of rates.entries()) {
    for (const each of rate.each()) {
      const expression = each.plain();
      // one name cannot be that of two rules
      const { name: _, ...unnamed } = common;
      const { timezone: zone, ...without } = index === 0 ? common : unnamed;
      // a rate is the same in every time zone
      const isRate = typeof expression === 'string' && expression.trim().startsWith('rate(');
      add(context, 'schedule', {
        expression: typeof expression === 'string' ? expressionOf(expression) : expression,
        ...without,
        ...(zone === undefined || isRate ? {} : { timezone: zone }),
        rule,
      });
    }
  }
};

/** `rate( 5 minutes )` as AWS writes it; `rate(1 minutes)` is refused by AWS. */
function expressionOf(text: string): string {
  const match = /^\s*rate\(\s*(\d+)\s+(minute|hour|day)s?\s*\)\s*$/.exec(text);
  if (match === null) return text.trim();
  return `rate(${match[1]} ${match[2]}${match[1] === '1' ? '' : 's'})`;
}

export const eventBridge: EventRule = (context) => {
  const { service, config } = context;
  const bus = config.child('eventBus');
  const retry = config.child('retryPolicy');
  const deadLetters = reference(service, config.child('deadLetterQueueArn')?.plain());
  const shared: Settings = {
    ...taken(config, { name: 'name', description: 'description', inputPath: 'inputPath' }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
    ...(retry === undefined
      ? {}
      : {
          retry: clean({
            attempts: retry.child('maximumRetryAttempts')?.plain(),
            age: retry.child('maximumEventAge')?.plain(),
          }),
        }),
    ...(deadLetters === undefined ? {} : { deadLetters }),
  };
  const transformer = transformerOf(config.child('inputTransformer'));
  const pattern = config.child('pattern')?.plain();
  if (pattern !== undefined) {
    add(context, 'eventbridge', {
      bus: bus === undefined ? undefined : busOf(service, bus),
      pattern: withOurIds(service, pattern),
      ...shared,
      transformer,
    });
  }
  const rate = config.child('schedule');
  if (rate === undefined) return;
  const { inputPath, ...rest } = shared;
  const rule = inputPath === undefined && transformer === undefined ? true : clean({ inputPath, transformer });
  const { deadLetters: _, retry: __, ...forRule } = rest;
  add(context, 'schedule', { expression: expressionOf(rate.text() ?? ''), ...forRule, rule });
};

/** A bus by name is made by the Serverless Framework, too. */
function busOf(service: Service, bus: Cursor): Plain | undefined {
  const plain = bus.plain();
  const id = idIn(plain);
  if (id !== undefined && service.resources.has(id)) return id;
  if (typeof plain !== 'string') return withOurIds(service, plain);
  if (plain === 'default') return undefined;
  if (plain.startsWith('arn:')) return plain;
  const key = `bus:${plain}`;
  const known = service.made.get(key);
  if (known !== undefined) return known;
  const taken = new Set(Object.keys((service.draft.get(['eventbridge', 'buses']) ?? {}) as object));
  const base =
    (actualText(service, plain) ?? plain).replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^[^A-Za-z]+/, '') || 'bus';
  const name = taken.has(base) ? `${base}-2` : base;
  service.made.set(key, name);
  service.draft.set(['eventbridge', 'buses', name], name === plain ? { name: plain } : { name: plain }, placeOf(bus));
  return name;
}

export const cloudwatchEvent: EventRule = (context) => {
  const { config } = context;
  add(context, 'eventbridge', {
    pattern: withOurIds(context.service, config.child('event')?.plain() ?? null),
    ...taken(config, { name: 'name', description: 'description', inputPath: 'inputPath' }),
    ...enabledOf(config),
    ...inputOf(config.child('input')),
    transformer: transformerOf(config.child('inputTransformer')),
  });
};

export const cloudwatchLog: EventRule = (context) => {
  const { service, config } = context;
  const group = config.isMap && config.has('logGroup') ? config.child('logGroup') : config;
  const plain = reference(service, group?.plain());
  const own = ourLogGroup(service, plain);
  const filter = config.isMap ? config.child('filter')?.plain() : undefined;
  const target: Settings = own === undefined ? { groups: [plain ?? null] } : { functions: [own] };
  if (filter === undefined && typeof plain === 'string' && own === undefined) return void add(context, 'logs', plain);
  add(context, 'logs', { ...target, pattern: filter });
};

/** The function whose group it is: fx's groups have other names. */
function ourLogGroup(service: Service, plain: Plain | undefined): string | undefined {
  if (typeof plain !== 'string') return undefined;
  const text = actualText(service, plain) ?? plain;
  const prefix = `/aws/lambda/${actualText(service, String(service.draft.get(['name']) ?? ''))}-${service.stage}-`;
  const key = text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
  return key === undefined ? undefined : service.functions.get(key);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const s3: EventRule = (context) => {
  const { config } = context;
  const bucket = config.isMap && config.has('bucket') ? config.child('bucket') : config;
  const plain = bucket?.plain() ?? null;
  const event = config.isMap ? config.child('event')?.text() : undefined;
  const rules = config.isMap ? (config.child('rules')?.items() ?? []) : [];
  const existing = config.isMap && config.child('existing')?.flag() === true;
  if (config.isMap) config.child('forceDeploy')?.plain();
  const parts: Record<string, Plain> = {};
  for (const rule of rules) {
    for (const key of ['prefix', 'suffix'] as const) {
      const value = rule.child(key)?.plain();
      if (value !== undefined) parts[key] = value;
    }
  }
  const target = bucketOf(context, plain, existing, bucket ?? config);
  const kinds = event === undefined ? undefined : [event.replace(/^s3:/, '')];
  const isDefault = kinds === undefined || kinds[0] === 'ObjectCreated:*';
  if (isDefault && Object.keys(parts).length === 0 && typeof target === 'string')
    return void add(context, 's3', target);
  add(context, 's3', { bucket: target, ...(isDefault ? {} : { events: kinds }), ...parts });
};

function bucketOf({ service }: EventContext, plain: Plain, existing: boolean, from: Cursor): Plain {
  const id = idIn(plain);
  if (id !== undefined && service.resources.has(id)) return id;
  if (typeof plain !== 'string') return withOurIds(service, plain);
  const settings = service.provider?.child('s3')?.child(plain);
  const name = settings?.child('name')?.text() ?? plain;
  if (existing) return name;
  // a bucket under resources with this name, or with the id that the Serverless Framework gives it
  const theirs = `S3Bucket${alphanumeric(name.replace(/\uE000[^\uE001]*\uE001/g, ''))}`;
  const own = [...service.resources].find(
    ([candidate, resource]) =>
      candidate === theirs ||
      (resource.child('Type')?.text() === 'AWS::S3::Bucket' &&
        resource.child('Properties')?.child('BucketName')?.text() === name),
  );
  if (own !== undefined) return own[0];
  const key = `bucket:${name}`;
  const known = service.made.get(key);
  if (known !== undefined) return known;
  const made = [...service.made.values()].includes(theirs) ? `${theirs}${service.made.size}` : theirs;
  service.made.set(key, made);
  const actual = actualText(service, name);
  const isName = actual === undefined || bucketName.test(actual);
  const path = ['resources', made];
  service.draft.set(
    path,
    { Type: 'AWS::S3::Bucket', ...(isName ? { Properties: { BucketName: name } } : {}) },
    placeOf(from),
  );
  for (const [setting, value] of settings?.entries() ?? []) {
    if (setting === 'name') continue;
    const property = setting.charAt(0).toUpperCase() + setting.slice(1);
    service.draft.set([...path, 'Properties', property], upper(withOurIds(service, value.plain())), placeOf(value));
  }
  if (!isName) {
    service.draft.changed(placeOf(from), `"${actual ?? name}" is no name of a bucket; AWS chooses one`, {
      remedy: 'set BucketName',
      beside: path,
    });
  }
  return made;
}

/** Properties in CloudFormation's case. */
function upper(value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => upper(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      /^(Ref|Fn::)/.test(key) ? key : key.charAt(0).toUpperCase() + key.slice(1),
      upper(item as Plain),
    ]),
  );
}

export const iot: EventRule = (context) => {
  const { config } = context;
  const sql = config.child('sql')?.plain();
  const more = {
    ...taken(config, { sqlVersion: 'sqlVersion', name: 'name', description: 'description' }),
    ...enabledOf(config),
  };
  if (Object.keys(more).length === 0 && typeof sql === 'string') return void add(context, 'iot', sql);
  add(context, 'iot', { sql, ...more });
};

export const cognitoUserPool: EventRule = (context) => {
  const { service, config } = context;
  const pool = config.child('pool');
  const name = pool?.text() ?? 'pool';
  const existing = config.child('existing')?.flag() === true;
  config.child('forceDeploy')?.plain();
  const trigger = config.child('trigger')?.plain();
  const kmsKey = reference(service, config.child('kmsKeyId')?.plain());
  const version = config.child('lambdaVersion')?.plain();
  if (existing) {
    service.draft.dropped(
      placeOf(config),
      `fx sets triggers of user pools of its own stack only, and "${name}" exists already`,
      {
        remedy: 'add the pool under resources, or set the trigger by hand after a deploy',
        beside: context.path.slice(0, 2),
      },
    );
    return void add(context, 'permission', { principal: 'cognito-idp', sourceAccount: 'own' });
  }
  // https://www.serverless.com/framework/docs/providers/aws/events/cognito-user-pool#overriding-a-generated-user-pool
  const id = `CognitoUserPool${normalizedPool(name)}`;
  const byId = service.resources.has(name) ? name : id;
  if (!service.resources.has(byId) && !service.draft.has(['resources', byId])) {
    service.draft.set(
      ['resources', byId],
      { Type: 'AWS::Cognito::UserPool', Properties: { UserPoolName: name } },
      placeOf(config),
    );
  }
  add(context, 'cognito', { pool: byId, trigger, version, kmsKey });
};

const normalizedPool = (name: string) => {
  const text = name
    .replaceAll('-', 'Dash')
    .replaceAll('_', 'Underscore')
    .replace(/[^A-Za-z0-9]/g, '');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

export const alexaSkill: EventRule = (context) => {
  const { config, bare } = context;
  const id = config.isMap ? config.child('appId')?.plain() : bare ? undefined : config.plain();
  const enabled = config.isMap ? config.child('enabled')?.flag() : undefined;
  if (id !== undefined && enabled !== false) return void add(context, 'alexa', id);
  if (enabled === false) {
    context.service.draft.dropped(placeOf(config), 'the skill may not call, so fx gives no permission', {
      remedy: 'add the event alexa to allow it',
    });
    return;
  }
  // without an id, any skill may call: https://www.serverless.com/framework/docs/providers/aws/events/alexa-skill
  const { service, name } = context;
  const resource = `${pascalCase(name)}AlexaPermission`;
  service.draft.set(
    ['resources', resource],
    {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        Action: 'lambda:InvokeFunction',
        FunctionName: { Ref: functionIds(name).alias },
        Principal: 'alexa-appkit.amazon.com',
      },
    },
    placeOf(config),
  );
  service.draft.changed(placeOf(config), 'any Alexa skill may call this function', {
    remedy: `name yours in an event, - alexa: amzn1.ask.skill.…, and remove ${resource}`,
    beside: ['resources', resource],
  });
};

export const alexaSmartHome: EventRule = (context) => {
  const { config } = context;
  const id = config.isMap ? config.child('appId')?.plain() : config.plain();
  if (config.isMap) config.child('enabled')?.plain();
  add(context, 'alexaSmartHome', id ?? null);
};

export const cloudFront: EventRule = (context) => {
  const { service, config } = context;
  const on = config.child('eventType')?.plain() ?? 'viewer-request';
  const origin = config.child('origin')?.plain();
  const body = config.child('includeBody')?.flag();
  const pattern = config.child('pathPattern')?.plain();
  const behavior = config.child('behavior')?.plain();
  config.child('cachePolicy')?.plain();
  config.child('isDefaultOrigin')?.plain();
  const id = 'CloudFrontDistribution';
  const { draft } = service;
  if (!service.resources.has(id)) {
    const target = originOf(origin);
    const base = ['resources', id, 'Properties', 'DistributionConfig'];
    if (!draft.has(['resources', id])) {
      draft.set(
        ['resources', id],
        {
          Type: 'AWS::CloudFront::Distribution',
          Properties: {
            DistributionConfig: {
              Enabled: true,
              Origins: [target],
              DefaultCacheBehavior: behaviorOf(target, behavior),
            },
          },
        },
        placeOf(config),
      );
      draft.changed(placeOf(config), 'the distribution that the Serverless Framework makes is under resources now', {
        beside: ['resources', id],
      });
    }
    if (pattern !== undefined) {
      const behaviors = draft.get([...base, 'CacheBehaviors']);
      const known =
        Array.isArray(behaviors) &&
        behaviors.some((item) => (item as { PathPattern?: string }).PathPattern === pattern);
      if (!known) draft.push([...base, 'CacheBehaviors'], { PathPattern: pattern, ...behaviorOf(target, behavior) });
    }
  }
  add(context, 'edge', { on, distribution: id, path: pattern, body: body === true ? true : undefined });
  atEdge(context, String(on));
};

/** What a function at the edge cannot have.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html */
function atEdge({ service, name, config }: EventContext, on: string): void {
  const { draft } = service;
  const path = ['functions', name];
  draft.set([...path, 'architecture'], 'x86_64', placeOf(config));
  const gone: string[] = [];
  for (const key of [
    'variables',
    'secrets',
    'kmsKeyArn',
    'layers',
    'vpc',
    'tracing',
    'reservedConcurrency',
    'provisionedConcurrency',
  ]) {
    if (draft.remove([...path, key]) !== undefined) gone.push(key);
    if (draft.has(['defaults', key])) draft.set([...path, key], null);
  }
  const limit = (key: string, most: number) => {
    const value = draft.get([...path, key]) ?? draft.get(['defaults', key]);
    if (typeof value === 'number' && value > most) draft.set([...path, key], most);
  };
  limit('timeout', on.startsWith('viewer') ? 5 : 30);
  if (on.startsWith('viewer')) limit('memory', 128);
  const what = gone.length === 0 ? '' : `: it has no ${gone.join(', ')}`;
  draft.changed(placeOf(config), `"${name}" runs at the edge, within its limits${what}`, { beside: path });
}

function originOf(origin: Plain | undefined): Record<string, Plain> {
  if (isMap(origin ?? null)) {
    const { DomainName, Id, ...rest } = origin as Record<string, Plain>;
    return { Id: Id ?? 'origin', DomainName: DomainName ?? 'example.com', ...rest };
  }
  const text = typeof origin === 'string' ? origin : 'https://example.com';
  const match = /^(s3|https?):\/\/([^/]+)(\/.*)?$/.exec(text);
  const host = match?.[2] ?? text;
  const isS3 = match?.[1] === 's3' || host.endsWith('.amazonaws.com');
  return {
    Id: 'origin',
    DomainName: host,
    ...(match?.[3] === undefined || match[3] === '/' ? {} : { OriginPath: match[3] }),
    ...(isS3
      ? { S3OriginConfig: { OriginAccessIdentity: '' } }
      : { CustomOriginConfig: { OriginProtocolPolicy: match?.[1] === 'http' ? 'http-only' : 'match-viewer' } }),
  };
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html: CachingOptimized
const cachingOptimized = '658327ea-f89d-4fab-a63d-7e88639e58f6';
function behaviorOf(target: Readonly<Record<string, Plain>>, own: Plain | undefined): Record<string, Plain> {
  const given = isMap(own ?? null) ? (own as Record<string, Plain>) : {};
  const hasCache = given['ForwardedValues'] !== undefined || given['CachePolicyId'] !== undefined;
  return {
    TargetOriginId: target['Id'] ?? 'origin',
    ViewerProtocolPolicy: 'allow-all',
    ...(hasCache ? {} : { CachePolicyId: cachingOptimized }),
    ...given,
  };
}
