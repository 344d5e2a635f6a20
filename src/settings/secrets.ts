// Secrets by reference: the function's role may read them, and the function does when it starts. No value enters a template, an
// archive, a log or a release.
import type { Plain } from '../base/located.ts';
import { byKind, converted, described, mapOf, object, type Schema, text } from '../base/schema.ts';
import { allow, type Statement } from '../cfn/part.ts';
import type { Value } from '../cfn/resource.ts';
import type { Setting } from './setting.ts';
import { kmsKey } from './values.ts';
import { variableName, variablesLimit } from './variables.ts';

export interface Secret {
  readonly store: 'ssm' | 'secretsmanager';
  /** The parameter's or the secret's name. */
  readonly name: string;
  readonly kmsKeyArn?: Plain;
}

/** The variable that tells a function which of its variables to read, and from which parameters. */
const secretsVariable = 'FX_SECRETS';
/** With the one that runtimes/secrets.ts names the function's own handler by. */
const ownVariables = [secretsVariable, 'FX_HANDLER'];

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
    required: { from: described('Where it is kept.', reference, { examples: ['ssm:/shop/prod/db-url'] }) },
    optional: {
      kmsKeyArn: described('The KMS key that it is encrypted with, where that is one of your own.', kmsKey, {
        examples: ['arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'],
      }),
    },
  }),
  ({ from, kmsKeyArn }) => ({ value: kmsKeyArn === undefined ? from : { ...from, kmsKeyArn } }),
);

export const secrets: Setting<ReadonlyMap<string, Secret>> = {
  schema: described(
    'Secrets by the name of the variable that the function finds them in, read when it starts: never in the template.',
    mapOf(byKind<Secret>({ scalar: reference, map: long, expected }), variableName),
    { examples: [{ DB_URL: 'ssm:/shop/prod/db-url' }] },
  ),
  check(values, { variables: given }) {
    const variables = (given ?? new Map()) as ReadonlyMap<string, unknown>;
    const both = [...values.keys()].find((name) => variables.has(name));
    if (both !== undefined) return { message: `${both} is both a variable and a secret`, hint: 'take one of them out' };
    if (values.size === 0) return undefined;
    const taken = ownVariables.find((name) => variables.has(name) || values.has(name));
    if (taken !== undefined)
      return { message: `${taken} is how fx tells the function of its secrets`, hint: 'call yours something else' };
    const all = { ...Object.fromEntries(variables), [secretsVariable]: namesOf(values) };
    const size = Buffer.byteLength(JSON.stringify(all));
    return size <= variablesLimit
      ? undefined
      : {
          message: `the variables with the names of the secrets are ${size} bytes; Lambda takes ${variablesLimit} together`,
          hint: 'put several secrets into one, such as a JSON text, or take variables out',
        };
  },
  compile(values) {
    const statements = [...values.values()].flatMap(readingOf);
    return values.size === 0 ? {} : { statements, variables: { [secretsVariable]: namesOf(values) } };
  },
};

/** What the variable holds. */
function namesOf(values: ReadonlyMap<string, Secret>): string {
  return JSON.stringify(Object.fromEntries([...values].map(([name, secret]) => [name, parameterOf(secret)])));
}

/** The parameter that a secret is read by: Parameter Store hands on to Secrets Manager.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html */
function parameterOf({ store, name }: Secret): string {
  return store === 'ssm' ? name : `/aws/reference/secretsmanager/${name}`;
}

function readingOf(secret: Secret): readonly Statement[] {
  const arn = (rest: string): Value => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${rest}` });
  const place = '${AWS::Region}:${AWS::AccountId}';
  // the ARN of a parameter has one slash before its name, whether the name begins with one or not
  const parameter = arn(`ssm:${place}:parameter/${parameterOf(secret).replace(/^\//, '')}`);
  return [
    allow('ssm:GetParameters', parameter),
    // a secret's ARN ends with six characters of AWS's own
    ...(secret.store === 'secretsmanager'
      ? [allow('secretsmanager:GetSecretValue', arn(`secretsmanager:${place}:secret:${secret.name}-??????`))]
      : []),
    ...(secret.kmsKeyArn === undefined ? [] : [allow('kms:Decrypt', secret.kmsKeyArn)]),
  ];
}
