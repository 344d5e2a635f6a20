// Secrets by reference: the function's role may read them, and the function reads them at a cold start. No value ever enters a
// template, an archive, a log or a release.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, mapOf, object, type Schema, text } from '../base/schema.ts';
import { allow, type Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import { kmsKey } from '../cfn/value-schema.ts';
import type { Setting } from './setting.ts';
import { variableName, variablesLimit } from './variables.ts';

export interface Secret {
  readonly store: 'ssm' | 'secretsmanager';
  /** The parameter's or the secret's name. */
  readonly name: string;
  readonly kmsKeyArn?: Plain;
}

/** Maps the variables to fill at a cold start to their parameters. */
const secretsVariable = 'FX_SECRETS';
/** Includes the variable in which runtimes/secrets.ts stores the user's handler. */
const reservedByFx = [secretsVariable, 'FX_HANDLER'];

const expected = 'ssm:/path/of/a/parameter, or secretsmanager:name-of-a-secret';
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
const reference: Schema<Secret> = converted(
  text({ pattern: /^(ssm:\/?[A-Za-z0-9_.\-/]+|secretsmanager:[A-Za-z0-9/_+=.@-]+)$/, expected }),
  (written) => {
    const colon = written.indexOf(':');
    const [store, name] = [written.slice(0, colon), written.slice(colon + 1)] as [Secret['store'], string];
    return { value: { store, name } };
  },
);
const long: Schema<Secret> = converted(
  object({
    required: { from: described('Where the secret is stored.', reference, { examples: ['ssm:/shop/prod/db-url'] }) },
    optional: {
      kmsKeyArn: described('The KMS key that encrypts it, if it is a customer managed key.', kmsKey, {
        examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
      }),
    },
  }),
  ({ from, kmsKeyArn }) => ({ value: kmsKeyArn === undefined ? from : { ...from, kmsKeyArn } }),
);

export const secrets: Setting<ReadonlyMap<string, Secret>> = {
  schema: described(
    'Secrets, by the environment variable to put them in. Read when the function starts; never in the template.',
    mapOf(byKind<Secret>({ scalar: reference, map: long, expected }), variableName),
    { examples: [{ DB_URL: 'ssm:/shop/prod/db-url' }] },
  ),
  check(values, { variables: written }) {
    const variables = (written ?? new Map()) as ReadonlyMap<string, unknown>;
    const both = [...values.keys()].find((name) => variables.has(name));
    if (both !== undefined)
      return { message: `${both} is both a variable and a secret`, hint: 'remove one of the two' };
    if (values.size === 0) return undefined;
    const taken = reservedByFx.find((name) => variables.has(name) || values.has(name));
    if (taken !== undefined)
      return { message: `${taken} is reserved: fx uses it to load secrets`, hint: 'rename your variable' };
    const all = { ...Object.fromEntries(variables), [secretsVariable]: namesOf(values) };
    const size = Buffer.byteLength(JSON.stringify(all));
    return size <= variablesLimit
      ? undefined
      : {
          message: `variables and the names of secrets have ${size} bytes; Lambda allows ${variablesLimit} in all`,
          hint: 'combine several secrets into one JSON value, or remove variables',
        };
  },
  compile(values) {
    const statements = [...values.values()].flatMap(readingOf);
    return values.size === 0 ? {} : { statements, variables: { [secretsVariable]: namesOf(values) } };
  },
};

/** The value of the variable. */
function namesOf(values: ReadonlyMap<string, Secret>): string {
  return JSON.stringify(Object.fromEntries([...values].map(([name, secret]) => [name, parameterOf(secret)])));
}

/** The variables of a deployed function without those of fx, and where it reads its secrets: `ssm:/shop/db` by the name of the variable. */
export function secretsIn(variables: Readonly<Record<string, string>>): {
  readonly plain: Readonly<Record<string, string>>;
  readonly secrets: ReadonlyMap<string, { readonly from: string; readonly parameter: string }>;
} {
  const plain = Object.entries(variables).filter(([name]) => !reservedByFx.includes(name));
  const parameters = JSON.parse(variables[secretsVariable] ?? '{}') as Readonly<Record<string, string>>;
  const secrets = Object.entries(parameters).map(([name, parameter]) => {
    const isForwarded = parameter.startsWith(forwarded);
    const from = isForwarded ? `secretsmanager:${parameter.slice(forwarded.length)}` : `ssm:${parameter}`;
    return [name, { from, parameter }] as const;
  });
  return { plain: Object.fromEntries(plain), secrets: new Map(secrets) };
}

const forwarded = '/aws/reference/secretsmanager/';

/** The parameter that reads a secret: Parameter Store forwards to Secrets Manager.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html */
function parameterOf({ store, name }: Secret): string {
  return store === 'ssm' ? name : `${forwarded}${name}`;
}

function readingOf(secret: Secret): readonly Statement[] {
  const arn = (rest: string): Value => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
  const place = '${AWS::Region}:${AWS::AccountId}';
  // the ARN of a parameter has one slash before its name, even if the name begins with one
  const parameter = arn(`ssm:${place}:parameter/${parameterOf(secret).replace(/^\//, '')}`);
  return [
    allow('ssm:GetParameters', parameter),
    // a secret's ARN ends with six characters that AWS adds
    ...(secret.store === 'secretsmanager'
      ? [allow('secretsmanager:GetSecretValue', arn(`secretsmanager:${place}:secret:${secret.name}-??????`))]
      : []),
    ...(secret.kmsKeyArn === undefined ? [] : [allow('kms:Decrypt', secret.kmsKeyArn)]),
  ];
}
