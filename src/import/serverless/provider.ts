// `provider` of a service: where it is deployed, the defaults of its functions, and its APIs.

import type { Plain } from '../../base/located.ts';
import type { Cursor } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { withoutLookups } from '../lookup-text.ts';
import { corsOf } from './events/api.ts';
import { httpAuthorizers } from './events/http-api.ts';
import { tracingOf } from './functions.ts';
import { lambdaSettings } from './lambda.ts';
import type { Service } from './service.ts';
import { withOurIds } from './service.ts';

export function convertProvider(service: Service, provider: Cursor): void {
  const { draft } = service;
  place(service, provider);
  // https://www.serverless.com/framework/docs/providers/aws/guide/functions: 1024 MB, 6 seconds, x86_64
  const hasFunctions = service.functions.size > 0;
  if (hasFunctions) {
    draft.set(['defaults', 'architecture'], 'x86_64');
    draft.set(['defaults', 'memory'], 1024);
    draft.set(['defaults', 'timeout'], 6);
    draft.comment(['defaults', 'memory'], 'What the Serverless Framework sets without being asked');
    lambdaSettings(service, provider, ['defaults']);
    if (!provider.has('logRetentionInDays') && !service.adopting) {
      draft.changed(placeOf(provider), 'logs are kept for 30 days, in a new log group of each function', {
        remedy: 'set defaults: {logging: {retentionInDays: forever}} to keep them for ever, as before',
      });
    }
  } else {
    provider.child('runtime')?.plain();
    for (const key of [
      'memorySize',
      'timeout',
      'environment',
      'tags',
      'architecture',
      'logRetentionInDays',
      'vpc',
      'layers',
      'logs',
    ]) {
      const value = provider.child(key);
      if (value === undefined) continue;
      value.plain();
      draft.carried(placeOf(value), `there are no functions for ${key}`);
    }
  }
  const tracing = provider.child('tracing');
  const lambdaTracing = tracing?.child('lambda');
  if (lambdaTracing !== undefined && hasFunctions)
    draft.set(['defaults', 'tracing'], tracingOf(lambdaTracing), placeOf(lambdaTracing));
  if (tracing?.child('apiGateway')?.flag() === true) draft.set(['rest', 'tracing'], true, placeOf(tracing));
  const stackTags = provider.child('stackTags');
  for (const [key, value] of stackTags?.entries() ?? []) draft.set(['tags', key], value.plain(), placeOf(value));
  stack(service, provider);
  restApi(service, provider);
  httpApi(service, provider);
  websocketApi(service, provider);
  loadBalancer(service, provider);
  ignored(service, provider);
}

/** Region, profile and stack. */
function place(service: Service, provider: Cursor): void {
  const { draft } = service;
  provider.child('name')?.plain();
  for (const [key, now, remedy] of [
    ['stage', service.stage, 'name yours: fx import --stage NAME'],
    ['region', service.region, 'set region'],
  ] as const) {
    const value = provider.child(key);
    value?.plain();
    const reason = service.assumed.get(key);
    if (value !== undefined && reason !== undefined)
      draft.changed(placeOf(value), `the ${key} is not known here, and is ${now} now: ${reason}`, { remedy });
  }
  draft.set(['region'], service.region, placeOf(provider));
  const profile = provider.child('profile');
  if (profile !== undefined) draft.set(['profile'], profile.plain(), placeOf(profile));
  const stackName = provider.child('stackName');
  if (stackName !== undefined) draft.set(['stackName'], stackName.plain(), placeOf(stackName));
}

function stack(service: Service, provider: Cursor): void {
  const { draft } = service;
  const role = provider.child('iam')?.child('deploymentRole') ?? provider.child('cfnRole');
  if (role !== undefined) draft.set(['stack', 'role'], role.plain(), placeOf(role));
  const topics = provider.child('notificationArns');
  if (topics !== undefined) draft.set(['stack', 'notifications'], topics.plain(), placeOf(topics));
  const policy = provider.child('stackPolicy');
  if (policy !== undefined) {
    const plain = policy.plain();
    draft.set(['stack', 'policy'], Array.isArray(plain) ? { Statement: plain } : plain, placeOf(policy));
  }
  const rollback = provider.child('rollbackConfiguration');
  if (rollback !== undefined) {
    const alarms = rollback
      .child('RollbackTriggers')
      ?.items()
      .flatMap((trigger) => {
        trigger.child('Type')?.plain();
        return trigger.child('Arn')?.plain() ?? [];
      });
    const minutes = rollback.child('MonitoringTimeInMinutes')?.plain();
    draft.set(
      ['stack', 'rollbackAlarms'],
      { alarms: alarms ?? [], ...(minutes === undefined ? {} : { minutes }) } as Plain,
      placeOf(rollback),
    );
  }
}

function restApi(service: Service, provider: Cursor): void {
  const { draft } = service;
  const api = provider.child('apiGateway');
  const set = (key: string, value: Plain | undefined, from: Cursor) =>
    value === undefined ? undefined : draft.set(['rest', key], withOurIds(service, value), placeOf(from));
  const name = provider.child('apiName');
  if (name !== undefined) set('name', name.plain(), name);
  const endpoint = provider.child('endpointType') ?? api?.child('endpointType');
  if (endpoint !== undefined) set('endpoint', (endpoint.text() ?? 'EDGE').toLowerCase(), endpoint);
  const vpcEndpoints = provider.child('vpcEndpointIds') ?? api?.child('vpcEndpointIds');
  if (vpcEndpoints !== undefined) set('vpcEndpoints', vpcEndpoints.plain(), vpcEndpoints);
  const policy = provider.child('resourcePolicy') ?? api?.child('resourcePolicy');
  if (policy !== undefined) set('policy', policy.plain(), policy);
  const keys = api?.child('apiKeys') ?? provider.child('apiKeys');
  const plan = api?.child('usagePlan') ?? provider.child('usagePlan');
  if (keys !== undefined) apiKeys(service, keys);
  if (plan !== undefined) usagePlans(service, plan);
  const logs = provider.child('logs')?.child('restApi');
  if (logs !== undefined) restLogs(service, logs);
  if (api === undefined) return;
  const existing = api.child('restApiId');
  if (existing !== undefined) {
    draft.set(['rest', 'id'], withOurIds(service, existing.plain()), placeOf(existing));
    const root = api.child('restApiRootResourceId');
    if (root !== undefined) draft.set(['rest', 'root'], withOurIds(service, root.plain()), placeOf(root));
    const parents = api.child('restApiResources');
    if (parents !== undefined) {
      const entries = parents
        .entries()
        .map(([path, id]) => [path.startsWith('/') ? path : `/${path}`, withOurIds(service, id.plain())]);
      draft.set(['rest', 'parents'], Object.fromEntries(entries) as Plain, placeOf(parents));
    }
  }
  const simple: Readonly<Record<string, string>> = {
    description: 'description',
    binaryMediaTypes: 'binaryTypes',
    minimumCompressionSize: 'compression',
    metrics: 'metrics',
    stage: 'stage',
  };
  for (const [theirs, ours] of Object.entries(simple)) {
    const value = api.child(theirs);
    if (value !== undefined) set(ours, value.plain(), value);
  }
  const source = api.child('apiKeySourceType');
  if (source !== undefined)
    set('apiKeySource', (source.text() ?? '').toLowerCase() === 'authorizer' ? 'authorizer' : 'header', source);
  const closed = api.child('disableDefaultEndpoint');
  if (closed?.flag() === true) set('defaultEndpoint', false, closed);
  const models = api.child('request')?.child('schemas');
  for (const [key, schema] of models?.entries() ?? []) {
    const plain = (schema.child('schema') ?? schema).plain();
    schema.plain();
    draft.set(['rest', 'models', key.replace(/[^A-Za-z0-9]/g, '')], plain, placeOf(schema));
  }
  api.child('shouldStartNameWithService')?.plain();
  api.child('websocketApiId')?.plain();
}

/** A list of names, of `{name, value, …}`, or of both below the names of plans. */
function apiKeys(service: Service, keys: Cursor): void {
  const add = (item: Cursor, plan: string | undefined) => {
    const name = item.isMap ? (item.child('name')?.text() ?? 'key') : (item.text() ?? 'key');
    const key =
      withoutLookups(name)
        .replace(/[^A-Za-z0-9_-]+/g, '-')
        .replace(/^[^A-Za-z]+|-+$/g, '') || 'key';
    const optional = (theirs: string, ours: string = theirs) => {
      const value = item.child(theirs)?.plain();
      return value === undefined ? {} : { [ours]: value };
    };
    const settings = {
      ...optional('value'),
      ...optional('description'),
      ...optional('enabled'),
      ...optional('customerId'),
    };
    const taken = Object.keys((service.draft.get(['rest', 'apiKeys']) ?? {}) as object);
    const unique = taken.includes(key) ? `${key}-${taken.length + 1}` : key;
    service.draft.set(['rest', 'apiKeys', unique], settings, placeOf(item));
    if (plan !== undefined) service.draft.push(['rest', 'usagePlans', plan, 'keys'], unique);
  };
  for (const item of keys.items()) {
    const [first] = item.keys();
    const isPlan = item.isMap && !item.has('name') && first !== undefined && item.child(first)?.isList === true;
    if (!isPlan) add(item, undefined);
    else for (const [plan, list] of item.entries()) for (const key of list.items()) add(key, plan);
  }
}

/** One plan, or a list of plans by name. */
function usagePlans(service: Service, plan: Cursor): void {
  const one = (name: string, cursor: Cursor) => {
    const quota = cursor.child('quota');
    const throttle = cursor.child('throttle');
    const path = ['rest', 'usagePlans', name];
    service.draft.merge(path, {}, placeOf(cursor));
    if (quota !== undefined) {
      const offset = quota.child('offset')?.plain();
      service.draft.set(
        [...path, 'quota'],
        {
          limit: quota.child('limit')?.plain() ?? null,
          period: (quota.child('period')?.text() ?? 'MONTH').toLowerCase(),
          ...(offset === undefined ? {} : { offset }),
        },
        placeOf(quota),
      );
    }
    if (throttle !== undefined) {
      service.draft.set(
        [...path, 'throttle'],
        { rate: throttle.child('rateLimit')?.plain() ?? null, burst: throttle.child('burstLimit')?.plain() ?? null },
        placeOf(throttle),
      );
    }
  };
  if (plan.isList) for (const item of plan.items()) for (const [name, cursor] of item.entries()) one(name, cursor);
  else one('default', plan);
}

function restLogs(service: Service, logs: Cursor): void {
  const { draft } = service;
  const isOn = logs.isMap || logs.flag() === true;
  if (!isOn) return;
  const access = logs.child('accessLogging')?.flag() ?? true;
  const execution = logs.child('executionLogging')?.flag() ?? true;
  const level = logs.child('level')?.text()?.toLowerCase();
  const format = logs.child('format')?.plain();
  const full = logs.child('fullExecutionData')?.flag() ?? true;
  logs.child('role')?.plain();
  logs.child('roleManagedExternally')?.plain();
  if (access) draft.set(['rest', 'accessLogs'], format === undefined ? true : { format }, placeOf(logs));
  if (execution)
    draft.set(['rest', 'executionLogs'], level === 'error' ? 'error' : full ? 'data' : 'info', placeOf(logs));
  draft.set(['rest', 'logRole'], true, placeOf(logs));
}

function httpApi(service: Service, provider: Cursor): void {
  const { draft } = service;
  const logs = provider.child('logs')?.child('httpApi');
  if (logs !== undefined && (logs.isMap || logs.flag() === true)) {
    const format = logs.child('format')?.plain();
    draft.set(['http', 'accessLogs'], format === undefined ? true : { format }, placeOf(logs));
  }
  const api = provider.child('httpApi');
  if (api === undefined) return;
  const id = api.child('id');
  if (id !== undefined) draft.set(['http', 'id'], withOurIds(service, id.plain()), placeOf(id));
  const name = api.child('name');
  if (name !== undefined) draft.set(['http', 'name'], name.plain(), placeOf(name));
  const payload = api.child('payload');
  if (payload !== undefined) draft.set(['http', 'payload'], payload.text() ?? null, placeOf(payload));
  const cors = api.child('cors');
  const settings = corsOf(cors, service);
  if (cors !== undefined && settings !== undefined) draft.set(['http', 'cors'], settings, placeOf(cors));
  if (api.child('disableDefaultEndpoint')?.flag() === true) draft.set(['http', 'defaultEndpoint'], false, placeOf(api));
  if (api.child('metrics')?.flag() === true) draft.set(['http', 'metrics'], true, placeOf(api));
  const timeout = api.child('timeout');
  if (timeout !== undefined) draft.set(['http', 'timeout'], timeout.plain(), placeOf(timeout));
  const authorizers = api.child('authorizers');
  if (authorizers !== undefined) httpAuthorizers(service, authorizers);
  for (const key of ['useProviderTags', 'shouldStartNameWithService', 'usePlatformAuthorizers'])
    api.child(key)?.plain();
}

function websocketApi(service: Service, provider: Cursor): void {
  const { draft } = service;
  const name = provider.child('websocketsApiName');
  if (name !== undefined) draft.set(['websocket', 'name'], name.plain(), placeOf(name));
  const selection = provider.child('websocketsApiRouteSelectionExpression');
  if (selection !== undefined) draft.set(['websocket', 'routeSelection'], selection.plain(), placeOf(selection));
  const description = provider.child('websocketsDescription');
  if (description !== undefined) draft.set(['websocket', 'description'], description.plain(), placeOf(description));
  const logs = provider.child('logs')?.child('websocket');
  if (logs !== undefined && (logs.isMap || logs.flag() === true)) {
    logs.plain();
    draft.set(['websocket', 'accessLogs'], true, placeOf(logs));
  }
}

function loadBalancer(service: Service, provider: Cursor): void {
  const authorizers = provider.child('alb')?.child('authorizers');
  for (const [name, cursor] of authorizers?.entries() ?? []) {
    const type = cursor.child('type')?.text() ?? 'cognito';
    const optional = (theirs: string, ours: string) => {
      const value = cursor.child(theirs)?.plain();
      return value === undefined ? {} : { [ours]: value };
    };
    const shared = {
      ...optional('scope', 'scope'),
      ...optional('sessionCookieName', 'sessionCookie'),
      ...optional('sessionTimeout', 'sessionTimeout'),
      ...optional('onUnauthenticatedRequest', 'unauthenticated'),
      ...optional('requestExtraParams', 'parameters'),
    };
    const settings =
      type === 'oidc'
        ? {
            oidc: {
              ...optional('issuer', 'issuer'),
              ...optional('authorizationEndpoint', 'authorizationEndpoint'),
              ...optional('tokenEndpoint', 'tokenEndpoint'),
              ...optional('userInfoEndpoint', 'userInfoEndpoint'),
              ...optional('clientId', 'clientId'),
              ...optional('clientSecret', 'clientSecret'),
              ...shared,
            },
          }
        : {
            cognito: {
              ...optional('userPoolArn', 'userPool'),
              ...optional('userPoolClientId', 'client'),
              ...optional('userPoolDomain', 'domain'),
              ...shared,
            },
          };
    service.draft.set(['alb', 'authenticators', name], withOurIds(service, settings as Plain), placeOf(cursor));
  }
}

/** Keys that fx answers differently, with what it does instead. */
const answers: Readonly<
  Record<string, readonly [kind: 'carried' | 'changed' | 'dropped', message: string, remedy?: string]>
> = {
  deploymentBucket: ['changed', 'fx has a bucket of its own for each account and region'],
  deploymentPrefix: ['changed', 'fx has a bucket of its own for each account and region'],
  deploymentMethod: [
    'changed',
    'fx updates the stack directly',
    'fx plan --change-set shows what CloudFormation would do',
  ],
  lambdaHashingVersion: ['carried', 'fx makes a new version exactly when its content changes'],
  versionFunctions: ['carried', 'fx publishes a version of every function'],
  disableRollback: ['dropped', 'fx never leaves a stack in a failed state', 'nothing'],
  accountId: ['carried', 'fx looks the account up: ${account}'],
  enableLegacyDeploymentBucket: ['carried', 'fx has a bucket of its own for each account and region'],
  resolver: ['changed', 'fx has no resolvers', 'set profile, or AWS_PROFILE'],
  capacityProviders: [
    'dropped',
    'fx runs functions on no instances of yours',
    'write AWS::Lambda::CapacityProvider under resources, and CapacityProviderConfig of its functions under extend',
  ],
  credentials: ['dropped', 'credentials come from the profile or the shell', 'set profile, or AWS_PROFILE'],
  eventBridge: ['carried', 'fx makes rules by CloudFormation'],
  variableSyntax: ['dropped', 'fx reads ${…}', 'check that the values are as you mean them'],
  stackParameters: ['dropped', 'a template of fx has no parameters of yours', 'use params'],
  timeouts: ['dropped', 'fx has no such setting', 'nothing'],
  kmsKeyGrants: ['dropped', 'fx has no such setting', 'nothing'],
};

function ignored(service: Service, provider: Cursor): void {
  for (const [key, [kind, message, remedy]] of Object.entries(answers)) {
    const value = provider.child(key);
    if (value === undefined) continue;
    if (kind !== 'carried' || !value.isMap) value.plain();
    value.child('useCloudFormation')?.plain();
    const told = remedy === undefined ? {} : { remedy };
    if (kind === 'carried') service.draft.carried(placeOf(value), message);
    else if (kind === 'changed') service.draft.changed(placeOf(value), message, told);
    else service.draft.dropped(placeOf(value), message, told);
  }
  const frameworkLogs = provider.child('logs')?.child('frameworkLambda');
  if (frameworkLogs !== undefined) frameworkLogs.plain();
}
