// fx env and fx exec: the environment variables of what is live, and of a command that works on it.
import { FxError } from '../base/error.ts';
import { liveAlias, pascalCase } from '../cfn/names.ts';
import type { Environment } from '../project/environment.ts';
import { secretsIn } from '../settings/secrets.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';

export interface Variable {
  readonly name: string;
  /** Undefined if it is hidden. */
  readonly value: string | undefined;
  /** Where the function reads it when it starts, such as `ssm:/shop/db`; undefined if project.yml does not have it under `secrets`. */
  readonly from: string | undefined;
}

/** The variables of the function's live version, by name. Without `reveal`, secrets and what looks like one are hidden. */
export async function variables(
  environment: Environment,
  { name, reveal }: { readonly name: string; readonly reveal: boolean },
  context: Context,
): Promise<readonly Variable[]> {
  findFunction(environment, name);
  await identify(environment, context);
  return liveVariables(environment, { name, reveal }, context);
}

async function liveVariables(
  environment: Environment,
  { name, reveal }: { readonly name: string; readonly reveal: boolean },
  context: Context,
): Promise<readonly Variable[]> {
  const { physicalName } = findFunction(environment, name);
  const found = await context.aws.functions.variables(physicalName, liveAlias);
  if (found === undefined) throw notDeployed(environment);
  const { plain, secrets } = secretsIn(found);
  const written = Object.entries(plain).map(([variable, value]) => ({
    name: variable,
    value: reveal || !looksSecret(variable, value) ? value : undefined,
    from: undefined,
  }));
  const read = await Promise.all(
    [...secrets].map(async ([variable, { from, parameter }]) => ({
      name: variable,
      value: reveal ? await context.aws.secrets.value(parameter) : undefined,
      from,
    })),
  );
  return [...written, ...read].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const secretNames = /secret|token|passw|pwd|private|credential|api_?key|access_?key|signing|auth(?!or)/i;
// keys of AWS and GitHub, JSON web tokens, private keys, and URLs with a password
const secretValues =
  /^(AKIA|ASIA)[A-Z0-9]{16}$|^gh[pousr]_|^eyJ[\w-]+\.|-----BEGIN [A-Z ]*PRIVATE KEY|:\/\/[^/\s:@]+:[^/\s@]+@/;

function looksSecret(name: string, value: string): boolean {
  // an ARN only names a secret
  return (secretNames.test(name) && !value.startsWith('arn:')) || secretValues.test(value);
}

/** What a command of the user's gets: where the environment is, its functions, and the outputs of its stack. */
export async function commandVariables(
  environment: Environment,
  { functionName }: { readonly functionName: string | undefined },
  context: Context,
): Promise<Readonly<Record<string, string>>> {
  const { account } = await identify(environment, context);
  const stack = await context.aws.stacks.describe(environment.stackName);
  if (stack === undefined) throw notDeployed(environment);
  const own =
    functionName === undefined ? [] : await liveVariables(environment, { name: functionName, reveal: true }, context);
  const missing = own.find(({ value }) => value === undefined);
  if (missing !== undefined) {
    throw new FxError('USAGE', `${missing.from}, the secret of ${missing.name}, does not exist`);
  }
  return {
    FX_PROJECT: environment.project,
    FX_ENVIRONMENT: environment.name,
    FX_ACCOUNT: account,
    FX_STACK: environment.stackName,
    AWS_REGION: environment.region,
    // what boto3 and version 1 of the AWS command line read
    AWS_DEFAULT_REGION: environment.region,
    ...Object.fromEntries(
      environment.functions.map(({ name, physicalName }) => [
        `FX_FUNCTION_${constantCase(pascalCase(name))}`,
        physicalName,
      ]),
    ),
    ...Object.fromEntries(Object.entries(stack.outputs).map(([name, value]) => [constantCase(name), value])),
    ...Object.fromEntries(own.flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]]))),
  };
}

/** `HttpApiUrl` → `HTTP_API_URL`. */
export function constantCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}
