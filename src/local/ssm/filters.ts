// Selects the parameters of a list: by path, and by the filters of DescribeParameters and GetParametersByPath.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
import type { ParameterStringFilter, ParametersFilter } from '@aws-sdk/client-ssm';
import { AwsError } from '../cloud.ts';
import { notImplemented } from '../constraint.ts';
import { invalid } from './put.ts';
import { newest, type StoredParameter } from './state.ts';

/** Whether a name is below a path, directly or at any depth. Every name is below `/`. */
export function isBelow(name: string, path: string, isRecursive: boolean): boolean {
  const front = path.endsWith('/') ? path : `${path}/`;
  const full = name.startsWith('/') ? name : `/${name}`;
  return full.startsWith(front) && (isRecursive || !full.slice(front.length).includes('/'));
}

export function checkPath(path: string): void {
  if (/^\/([\w.-]+(\/[\w.-]+)*\/?)?$/.test(path)) return;
  throw invalid(
    'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.',
  );
}

type Test = (parameter: StoredParameter) => boolean;

export function filterOf(filters: readonly ParameterStringFilter[], old: readonly ParametersFilter[] = []): Test {
  const tests = [
    ...filters.map(testOf),
    ...old.map(({ Key, Values }) => testOf({ Key, Values, Option: Key === 'Name' ? 'BeginsWith' : 'Equals' })),
  ];
  return (parameter) => tests.every((test) => test(parameter));
}

function testOf({ Key = '', Option, Values = [] }: ParameterStringFilter): Test {
  if (Key === 'Path') {
    for (const path of Values) checkPath(path);
    const isRecursive = checkOption(Option ?? 'OneLevel', ['OneLevel', 'Recursive']) === 'Recursive';
    return ({ name }) => Values.some((path) => isBelow(name, path, isRecursive));
  }
  const read = readerOf(Key);
  const option = checkOption(Option ?? 'Equals', Key === 'Name' ? ['Equals', 'BeginsWith', 'Contains'] : ['Equals']);
  return (parameter) => {
    const actual = read(parameter);
    if (actual === undefined) return false;
    // a tag filter without values matches any value
    if (Values.length === 0) return true;
    return Values.some((value) => {
      if (option === 'BeginsWith') return actual.startsWith(value);
      return option === 'Contains' ? actual.includes(value) : actual === value;
    });
  };
}

function checkOption(option: string, known: readonly string[]): string {
  if (known.includes(option)) return option;
  throw new AwsError(
    'InvalidFilterOption',
    `The following filter option is not valid: ${option}. Valid options include: [${known.join(', ')}]`,
  );
}

function readerOf(key: string): (parameter: StoredParameter) => string | undefined {
  if (key.startsWith('tag:')) return ({ tags }) => tags[key.slice('tag:'.length)];
  switch (key) {
    case 'Name':
      return ({ name }) => name;
    case 'Type':
      return (parameter) => newest(parameter).type;
    case 'KeyId':
      return (parameter) => newest(parameter).keyId;
    case 'Tier':
      return (parameter) => newest(parameter).tier;
    case 'DataType':
      return () => 'text';
    default:
      throw notImplemented(`filtering parameters by ${key}`);
  }
}
