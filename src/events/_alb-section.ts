// The section `alb` of project.yml, for what the rules of load balancers share: the listener, and who must sign in.
import { duration } from '../base/duration.ts';
import type { Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  integer,
  located,
  mapOf,
  object,
  oneOf,
  type Read,
  type Schema,
  text,
  verbatim,
} from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';

export const listenerSchema = described(
  'The listener: its logical id under resources, its ARN, or an intrinsic that gives the ARN.',
  located(verbatim),
  {
    examples: [
      'Http',
      'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2',
    ],
  },
);

// The ranges and defaults for functions: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
const checks = object({
  required: {},
  optional: {
    path: described(
      'The path in the event.',
      text({ pattern: /^\/\S*$/, longest: 1024, expected: 'a path such as /health' }),
      {
        default: '/',
        examples: ['/health'],
      },
    ),
    interval: described(
      'The time between two checks, from 5s to 300s. Longer than the timeout.',
      duration({ least: 5, most: 300, expected: 'a time from 5s to 300s' }),
      { default: 35, examples: ['60s'] },
    ),
    timeout: described(
      'A check without an answer for that long has failed, from 2s to 120s.',
      duration({ least: 2, most: 120, expected: 'a time from 2s to 120s' }),
      { default: 30, examples: ['10s'] },
    ),
    healthyThreshold: described('The checks in a row that must pass.', integer({ least: 2, most: 10 }), {
      default: 5,
      examples: [3],
    }),
    unhealthyThreshold: described('The checks in a row that must fail.', integer({ least: 2, most: 10 }), {
      default: 2,
      examples: [3],
    }),
    matcher: described(
      'The statuses of a check that passed, from 200 to 499: one, several, or a range.',
      byKind<string>({
        scalar: {
          expected: 'a status such as 200, 200,202 or 200-299',
          json: { anyOf: [{ type: 'integer', minimum: 200, maximum: 499 }, { type: 'string' }] },
          read(value, reading) {
            const spelled = value.kind === 'scalar' ? String(value.value) : '';
            const part = /^[234]\d\d(-[234]\d\d)?$/;
            if (spelled.split(',').every((one) => part.test(one))) return spelled;
            const found = value.kind === 'scalar' ? JSON.stringify(value.value) : `a ${value.kind}`;
            reading.problem(value.at, `expected a status such as 200, 200,202 or 200-299, found ${found}`);
            return undefined;
          },
        },
        expected: 'a status such as 200, 200,202 or 200-299',
      }),
      { default: '200', examples: ['200-299'] },
    ),
  },
  elsewhere: {
    intervalSeconds: 'interval',
    timeoutSeconds: 'timeout',
    healthyThresholdCount: 'healthyThreshold',
    unhealthyThresholdCount: 'unhealthyThreshold',
  },
});
export type HealthCheck = Read<typeof checks>;

const defaultInterval = 35;
const defaultTimeout = 30;

/** Undefined if the function is not checked. */
export const healthCheckSchema: Schema<{ readonly checks: HealthCheck | undefined }> = byKind<{
  readonly checks: HealthCheck | undefined;
}>({
  scalar: converted(flag, (on) => ({ value: { checks: on ? {} : undefined } })),
  map: converted(checks, (value) => {
    const { interval = defaultInterval, timeout = defaultTimeout } = value;
    if (interval > timeout) return { value: { checks: value } };
    return {
      wrong: `the interval of ${interval}s must be longer than the timeout of ${timeout}s`,
      hint: 'set both, such as interval: 35s and timeout: 30s',
    };
  }),
  expected: 'true, false, or a map with the settings',
});

const url = text({ pattern: /^https:\/\/\S+$/, expected: 'a URL that begins with https://' });
const nonEmpty = text({ pattern: /./, expected: 'a text' });
const settings = {
  scope: described('The claims to ask for.', nonEmpty, { default: 'openid', examples: ['openid email'] }),
  sessionCookie: described('The name of the cookie with the session.', nonEmpty, {
    default: 'AWSELBAuthSessionCookie',
    examples: ['shop'],
  }),
  sessionTimeout: described(
    'How long a session lasts, up to 7 days.',
    duration({ least: 1, most: 604_800, expected: 'a time from 1s to 7d' }),
    { default: 604_800, examples: ['12h'] },
  ),
  unauthenticated: oneOf(['authenticate', 'allow', 'deny'], 'What to do with a client that has not signed in.', {
    default: 'authenticate',
    examples: ['deny'],
    enumDescriptions: ['Redirects to the sign-in page.', 'Calls the function.', 'Answers 401.'],
  }),
  parameters: described('Parameters for the sign-in page, at most ten.', mapOf(nonEmpty), {
    examples: [{ prompt: 'login' }],
  }),
} as const;
const elsewhereSettings = {
  sessionCookieName: 'sessionCookie',
  onUnauthenticatedRequest: 'unauthenticated',
  allowUnauthenticated: 'unauthenticated: allow',
  requestExtraParams: 'parameters',
};

const oidc = object({
  about: 'Signs in with an OpenID Connect provider.',
  required: {
    issuer: described('The issuer.', url, { examples: ['https://login.example.com/'] }),
    authorizationEndpoint: described('The sign-in page.', url, { examples: ['https://login.example.com/authorize'] }),
    tokenEndpoint: described('Where a code becomes a token.', url, { examples: ['https://login.example.com/token'] }),
    userInfoEndpoint: described('Where a token becomes claims.', url, {
      examples: ['https://login.example.com/userinfo'],
    }),
    clientId: described('The client that the provider knows.', verbatim, { examples: ['shop'] }),
    clientSecret: described(
      "The client's secret, as a reference that CloudFormation resolves: the text itself would be in the template.",
      located(verbatim),
      { examples: ['{{resolve:secretsmanager:shop/oidc:SecretString:clientSecret}}'] },
    ),
  },
  optional: settings,
  elsewhere: elsewhereSettings,
});
const cognito = object({
  about: 'Signs in with a user pool of Amazon Cognito.',
  required: {
    userPool: described('The ARN of the user pool.', verbatim, {
      examples: ['arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI'],
    }),
    client: described('The id of its client.', verbatim, { examples: ['2hk4i3ikjqp3f5hbqjl6example'] }),
    domain: described('The prefix of its domain, or the whole domain.', verbatim, { examples: ['shop-login'] }),
  },
  optional: settings,
  elsewhere: { ...elsewhereSettings, userPoolArn: 'userPool', userPoolClientId: 'client', userPoolDomain: 'domain' },
});

const authenticator = converted(object({ required: {}, optional: { oidc, cognito } }), (value) =>
  (value.oidc === undefined) === (value.cognito === undefined)
    ? { wrong: 'an authenticator has one of oidc and cognito' }
    : { value },
);
export type Authenticator = Read<typeof authenticator>;

export const albSection = object({
  about: 'What the rules of `alb` events share.',
  required: {},
  optional: {
    listener: described('The listener of each event that names none.', listenerSchema, { examples: ['Http'] }),
    authenticators: described(
      'The ways to sign in that an event may name with `authenticate`. The listener must be HTTPS.',
      mapOf(authenticator, { pattern: /^[A-Za-z][\w-]*$/, expected: 'a name of letters, digits, - and _' }),
      {
        examples: [{ staff: { cognito: { userPool: 'arn:…', client: '…', domain: 'shop-login' } } }],
        aws: 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html',
      },
    ),
  },
  elsewhere: { authorizers: 'authenticators', listenerArn: 'listener' },
});
export type AlbSection = Read<typeof albSection>;

/** The action of a rule that asks the client to sign in. */
export function authenticateAction({ oidc: provider, cognito: pool }: Authenticator, Order: number): Value {
  if (provider !== undefined) {
    const AuthenticateOidcConfig = {
      Issuer: provider.issuer,
      AuthorizationEndpoint: provider.authorizationEndpoint,
      TokenEndpoint: provider.tokenEndpoint,
      UserInfoEndpoint: provider.userInfoEndpoint,
      ClientId: provider.clientId,
      ClientSecret: provider.clientSecret.value,
      ...sessionOf(provider),
    };
    return { Type: 'authenticate-oidc', Order, AuthenticateOidcConfig };
  }
  const AuthenticateCognitoConfig = {
    UserPoolArn: pool?.userPool ?? null,
    UserPoolClientId: pool?.client ?? null,
    UserPoolDomain: pool?.domain ?? null,
    ...sessionOf(pool ?? {}),
  };
  return { Type: 'authenticate-cognito', Order, AuthenticateCognitoConfig };
}

type SessionSettings = Pick<Read<typeof oidc>, keyof typeof settings>;

function sessionOf({ scope, sessionCookie, sessionTimeout, unauthenticated, parameters }: SessionSettings) {
  const given: Readonly<Record<string, Plain | undefined>> = {
    Scope: scope,
    SessionCookieName: sessionCookie,
    SessionTimeout: sessionTimeout,
    OnUnauthenticatedRequest: unauthenticated,
    AuthenticationRequestExtraParams: parameters === undefined ? undefined : Object.fromEntries(parameters),
  };
  return Object.fromEntries(
    Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** The properties of a target group. Written even if off, so that an update turns off what was on. */
export function healthCheckProperties(health: HealthCheck | undefined): Readonly<Record<string, Value>> {
  if (health === undefined) return { HealthCheckEnabled: false };
  const { path = '/', interval = defaultInterval, timeout = defaultTimeout } = health;
  return {
    HealthCheckEnabled: true,
    HealthCheckPath: path,
    HealthCheckIntervalSeconds: interval,
    HealthCheckTimeoutSeconds: timeout,
    HealthyThresholdCount: health.healthyThreshold ?? 5,
    UnhealthyThresholdCount: health.unhealthyThreshold ?? 2,
    Matcher: { HttpCode: health.matcher ?? '200' },
  };
}
