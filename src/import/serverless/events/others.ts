// Logs, devices, user pools and skills.
import type { Plain } from '../../../base/located.ts';
import { functionIds, pascalCase } from '../../../cfn/names.ts';
import { placeOf } from '../../draft.ts';
import { actualText, type Service } from '../service.ts';
import { add, type EventRule, enabledOf, reference, type Settings, taken } from './rule.ts';

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
