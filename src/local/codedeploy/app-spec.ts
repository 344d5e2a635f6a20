// The AppSpec of a Lambda deployment, in JSON or YAML: an alias with its current and its target version, and hooks.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
import { parse } from 'yaml';
import { AwsError } from '../cloud.ts';

export interface AppSpec {
  readonly functionName: string;
  readonly alias: string;
  readonly currentVersion: string;
  readonly targetVersion: string;
  /** The functions to call, by the event. */
  readonly hooks: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

export function parseAppSpec(text: string): AppSpec {
  const spec = readMap(text);
  const resources = listOf(spec, 'Resources').flatMap((entry) => Object.values(entry as Json));
  const [resource] = resources;
  if (!isMap(resource) || resources.length !== 1) throw invalid('it must have one resource');
  if (resource['Type'] !== 'AWS::Lambda::Function')
    throw invalid('the type of its resource must be AWS::Lambda::Function');
  const properties = resource['Properties'];
  const value = (name: string): string => {
    const found = isMap(properties) ? properties[name] : undefined;
    if (typeof found === 'string' || typeof found === 'number') return String(found);
    throw invalid(`the property ${name} of its resource is missing`);
  };
  return {
    functionName: value('Name'),
    alias: value('Alias'),
    currentVersion: value('CurrentVersion'),
    targetVersion: value('TargetVersion'),
    hooks: Object.assign({}, ...listOf(spec, 'Hooks')),
  };
}

export function appSpecText({ functionName, alias, currentVersion, targetVersion, hooks }: AppSpec): string {
  const Properties = { Name: functionName, Alias: alias, CurrentVersion: currentVersion, TargetVersion: targetVersion };
  const Hooks = Object.entries(hooks).map(([event, hook]) => ({ [event]: hook }));
  return JSON.stringify({
    version: 0.0,
    Resources: [{ target: { Type: 'AWS::Lambda::Function', Properties } }],
    Hooks,
  });
}

function readMap(text: string): Json {
  try {
    const value: unknown = parse(text);
    if (isMap(value)) return value;
  } catch {
    // refused below
  }
  throw invalid('it is neither JSON nor YAML');
}

/** The sections are lists of maps; YAML files write them in lower case too. */
function listOf(spec: Json, section: 'Resources' | 'Hooks'): readonly Json[] {
  const list = spec[section] ?? spec[section.toLowerCase()] ?? [];
  if (Array.isArray(list) && list.every(isMap)) return list;
  throw invalid(`its section ${section} must be a list`);
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(why: string): AwsError {
  return new AwsError('InvalidRevisionException', `The AppSpec file is not valid: ${why}`);
}
