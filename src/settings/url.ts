// A function URL, answered by the live alias.
import { byKind, converted, described, flag, integer, list, object, oneOf, type Schema, text } from '../base/schema.ts';
import { liveAlias } from '../cfn/names.ts';
import { attribute, type Resource, ref, type Value } from '../cfn/resource.ts';
import type { Contribution, Setting, SettingContext } from './setting.ts';

interface Cors {
  readonly allowCredentials?: boolean;
  readonly allowHeaders?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowOrigins?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: number;
}

export interface Url {
  readonly authType: 'AWS_IAM' | 'NONE';
  readonly cors?: Cors;
  readonly invokeMode?: 'BUFFERED' | 'RESPONSE_STREAM';
}

const most = 100;
// https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
const cors: Schema<Cors> = object({
  required: {},
  optional: {
    allowCredentials: described('Allow cookies.', flag, { default: false }),
    allowHeaders: described('Allowed request headers.', list(text({ longest: 1024 }), { least: 1, most }), {
      examples: [['content-type']],
    }),
    allowMethods: described(
      'Allowed methods.',
      list(oneOf(['GET', 'PUT', 'HEAD', 'POST', 'PATCH', 'DELETE', '*']), { least: 1, most: 6 }),
      { examples: [['GET', 'POST']] },
    ),
    allowOrigins: described('Allowed origins, or "*".', list(text({ longest: 253 }), { least: 1, most }), {
      examples: [['https://shop.example.com']],
    }),
    exposeHeaders: described(
      'Response headers that the page may read.',
      list(text({ longest: 1024 }), { least: 1, most }),
      { examples: [['x-request-id']] },
    ),
    maxAge: described('How many seconds a browser caches this.', integer({ least: 0, most: 86_400 }), {
      default: 0,
      examples: [300],
    }),
  },
  elsewhere: {
    allowedOrigins: 'allowOrigins',
    allowedHeaders: 'allowHeaders',
    allowedMethods: 'allowMethods',
    exposedResponseHeaders: 'exposeHeaders',
    origins: 'allowOrigins',
    headers: 'allowHeaders',
    methods: 'allowMethods',
  },
});

const authType = oneOf(
  ['AWS_IAM', 'NONE'],
  'Who may call: AWS_IAM, signed requests with permission; NONE, anyone on the internet.',
);
const expected = 'AWS_IAM, NONE (anyone on the internet), or a map with authType';
const short: Schema<Url> = {
  ...converted(authType, (value) => ({ value: { authType: value } })),
  read(value, reading) {
    if (value.kind === 'scalar' && typeof value.value === 'boolean') {
      const hint = 'write url: NONE for a public URL, url: AWS_IAM for signed requests only';
      reading.problem(value.at, `expected ${expected}, found ${value.value}`, hint);
      return undefined;
    }
    const read = authType.read(value, reading);
    return read === undefined ? undefined : { authType: read };
  },
};
const long: Schema<Url> = object({
  required: { authType },
  optional: {
    cors: described('Cross-origin resource sharing.', cors, {
      examples: [{ allowOrigins: ['https://shop.example.com'] }],
    }),
    invokeMode: oneOf(
      ['BUFFERED', 'RESPONSE_STREAM'],
      'RESPONSE_STREAM sends the response while the function writes it.',
      {
        default: 'BUFFERED',
        examples: ['RESPONSE_STREAM'],
      },
    ),
  },
  elsewhere: { authorizer: 'authType', authorization: 'authType', auth: 'authType', streaming: 'invokeMode' },
});

export const url: Setting<Url> = {
  schema: described(
    'A function URL, with or without authentication.',
    byKind<Url>({ scalar: short, map: long, expected }),
    {
      examples: ['AWS_IAM', { authType: 'NONE', cors: { allowOrigins: ['*'] } }],
      aws: 'https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html',
    },
  ),
  functionOnly: true,
  elsewhere: ['functionUrl', 'functionUrlConfig'],
  compile: (value, context) => compileUrl(value, context),
};

function compileUrl(
  { authType: auth, cors: allowed, invokeMode }: Url,
  { function: target }: SettingContext,
): Contribution {
  const { ids } = target;
  const id = target.id('Url');
  const properties: Record<string, Value> = {
    AuthType: auth,
    TargetFunctionArn: ref(ids.function),
    Qualifier: liveAlias,
    ...(invokeMode === undefined ? {} : { InvokeMode: invokeMode }),
    ...(allowed === undefined ? {} : { Cors: corsProperties(allowed) }),
  };
  return {
    resources: {
      // the qualifier is plain text, so no reference orders it after the alias
      [id]: { Type: 'AWS::Lambda::Url', DependsOn: ids.alias, Properties: properties },
      ...(auth === 'NONE' ? publicPermissions(target) : {}),
    },
    outputs: { [id]: { Description: `The URL of ${target.name}`, Value: attribute(id, 'FunctionUrl') } },
  };
}

function corsProperties(value: Cors): Value {
  const named = Object.entries(value).filter(([, given]) => given !== undefined);
  return Object.fromEntries(named.map(([key, given]) => [key.charAt(0).toUpperCase() + key.slice(1), given]));
}

/** A public caller needs both: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function publicPermissions(target: SettingContext['function']): Record<string, Resource> {
  const permission = (properties: Readonly<Record<string, Value>>): Resource => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { FunctionName: ref(target.ids.alias), Principal: '*', ...properties },
  });
  return {
    [target.id('UrlPermission')]: permission({ Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' }),
    [target.id('UrlInvokePermission')]: permission({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true }),
  };
}
