// fx open: where an environment is to be looked at in a browser.
import { FxError } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { type Environment, localEnvironment } from '../project/environment.ts';
import { type Context, findFunction, identify, notDeployed } from './context.ts';

export interface AddressOptions {
  /** `api`, `console`, `logs`, or the name of an output. */
  readonly what: string;
  /** For `logs`: a function; without it, the first. */
  readonly functionName: string | undefined;
}

const kinds = ['api', 'console', 'logs'];
/** The outputs of fx that are addresses, the one that people look at first. */
const apiOutputs = [/^SiteUrl$/, /^HttpApi.*Url$/, /^RestApi.*Url$/, /Url$/];

/** Throws USAGE if there is no such address. */
export async function addressOf(
  environment: Environment,
  { what, functionName }: AddressOptions,
  context: Context,
): Promise<string> {
  await identify(environment, context);
  const stack = await context.aws.stacks.describe(environment.stackName);
  if (stack === undefined) throw notDeployed(environment);
  const { outputs, id } = stack;
  if (what === 'api') {
    const name = apiOutputs.flatMap((pattern) => Object.keys(outputs).filter((key) => pattern.test(key)))[0];
    if (name !== undefined) return outputs[name] ?? '';
    throw new FxError('USAGE', `"${environment.name}" has no address: no API, function URL or site`);
  }
  if (kinds.includes(what)) {
    if (environment.name === localEnvironment || context.aws.endpoint !== undefined) {
      throw new FxError('USAGE', 'only AWS itself has a console', {
        hint: `fx ${what === 'logs' ? 'logs -f' : 'info'} shows it here`,
      });
    }
    return what === 'console' ? stackPage(environment, id) : groupPage(environment, groupOf(environment, functionName));
  }
  const output = outputs[what];
  if (output?.startsWith('http')) return output;
  const names = [...kinds, ...Object.keys(outputs).filter((name) => outputs[name]?.startsWith('http'))];
  const suggestion = nearest(what, names);
  throw new FxError('USAGE', `there is no address "${what}"`, {
    hint: suggestion === undefined ? `there are: ${names.join(', ')}` : `did you mean "${suggestion}"?`,
  });
}

function groupOf(environment: Environment, functionName: string | undefined): string {
  const settings = functionName === undefined ? environment.functions[0] : findFunction(environment, functionName);
  if (settings?.logGroup !== undefined) return settings.logGroup;
  throw new FxError('USAGE', `"${settings?.name ?? environment.name}" has no log group of its own`);
}

function stackPage({ region }: Environment, id: string): string {
  return `${consoleOf(region)}/cloudformation/home?region=${region}#/stacks/stackinfo?stackId=${encodeURIComponent(id)}`;
}

/** The console's router takes `$25` for `%`, and everything encoded twice. */
function groupPage({ region }: Environment, group: string): string {
  const encoded = encodeURIComponent(encodeURIComponent(group)).replaceAll('%', '$');
  return `${consoleOf(region)}/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${encoded}`;
}

/** https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
function consoleOf(region: string): string {
  if (region.startsWith('cn-')) return 'https://console.amazonaws.cn';
  return region.startsWith('us-gov-')
    ? 'https://console.amazonaws-us-gov.com'
    : `https://${region}.console.aws.amazon.com`;
}
