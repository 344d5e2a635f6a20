// Connects to an environment's AWS: credentials and endpoint. Starts the local AWS if the environment is local.
import type { Lookups } from '../aws/aws.ts';
import type { SdkOptions } from '../aws/sdk.ts';
import type { Context } from '../operate/context.ts';
import type { Destination } from '../project/destination.ts';
import { type Environment, localAccount, localEnvironment } from '../project/environment.ts';
import type { Caller, LocalEndpoint } from './caller.ts';
import { ensureLocal, localFolder } from './local.ts';
import { loadSchemas } from './schemas.ts';

/** Milliseconds between polls. AWS limits how often fx may describe a stack; another endpoint seldom does. */
const pollMs = { local: 60, endpoint: 150, aws: 2_000 } as const;

/** What a verb needs to work on an environment. */
export async function openContext(caller: Caller, environment: Environment): Promise<Context> {
  const { report, signal, version } = caller;
  const { options, now } = await reach(caller, { ...environment, environment: environment.name });
  const { sdkAws } = await import('../aws/sdk.ts');
  const poll =
    environment.name === localEnvironment
      ? pollMs.local
      : options.endpoint === undefined
        ? pollMs.aws
        : pollMs.endpoint;
  return { report, signal, now, version, schemas: loadSchemas(), aws: sdkAws(options), pollMs: poll, wait: true };
}

/** AWS for a project's lookups, after a check of the account. */
export async function openLookups(caller: Caller, destination: Destination): Promise<Lookups> {
  const [{ sdkLookupsOf }, { checkAccount }] = await Promise.all([
    import('../aws/sdk.ts'),
    import('../operate/context.ts'),
  ]);
  const { account, environment } = destination;
  const pinned = { account: account === localAccount ? undefined : account, environment };
  const { options } = await reach(caller, destination);
  return sdkLookupsOf(options, (actual) => checkAccount(pinned, actual));
}

interface Reached {
  readonly options: SdkOptions;
  /** The local AWS runs from whatever time it was started as; any other AWS has the machine's, or the caller's. */
  now(): number;
}

/** Where the calls of an environment go, with whose credentials, and what time it is there. */
async function reach(
  caller: Caller,
  { folder, environment, region, profile: written, assumeRole }: Omit<Destination, 'account'>,
): Promise<Reached> {
  const { signal, variables } = caller;
  if (environment === localEnvironment) {
    const { endpoint, now } = caller.local ?? (await backgroundLocal(caller, folder));
    // the local AWS takes any credentials, and must never see real ones
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return { options: { region, signal, endpoint, credentials, paced: false }, now };
  }
  const endpoint = variables['AWS_ENDPOINT_URL'];
  const profile = caller.profile ?? written;
  const options = {
    region,
    signal,
    ...(profile === undefined ? {} : { profile }),
    ...(assumeRole === undefined ? {} : { assumeRole }),
    // AWS's own endpoints in a VPC speak TLS, and have the limits of AWS; an emulator on this machine has neither
    ...(endpoint ? { endpoint, paced: endpoint.startsWith('https:') } : {}),
    ...(caller.ask === undefined ? {} : { mfaCode: mfaQuestion(caller.ask) }),
    ...(caller.shared === undefined ? {} : { shared: caller.shared }),
  };
  return { options, now: caller.now };
}

async function backgroundLocal(caller: Caller, folder: string): Promise<LocalEndpoint> {
  const { endpoint, skewMs } = await ensureLocal(caller, await localFolder(folder));
  return { endpoint, now: () => Date.now() + skewMs };
}

const mfaQuestion = (ask: NonNullable<Caller['ask']>) => async (serial: string) =>
  (await ask(`The code of ${serial}: `)).trim();
