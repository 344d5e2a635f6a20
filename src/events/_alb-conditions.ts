// The conditions of an `alb` event: what users write, and the rule conditions that they become.
// Each rule here is from https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html and
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_RuleCondition.html
import { isIP } from 'node:net';
import { byKind, converted, described, list, mapOf, object, type Read, type Schema, text } from '../base/schema.ts';
import type { Value } from '../cfn/resource.ts';

const longestValue = 128;

/** One value, or a list of which one must match. */
function oneOrMore<T>(item: Schema<T>, expected: string): Schema<readonly T[]> {
  return byKind<readonly T[]>({
    scalar: converted(item, (one) => ({ value: [one] })),
    list: list(item, { least: 1 }),
    expected: `${expected}, or a list of them`,
  });
}

const path = text({
  pattern: /^[/*?][A-Za-z0-9_\-.$/~"'@:+&*?]*$/,
  longest: longestValue,
  expected: 'a path such as /orders/*',
});
const host = text({
  pattern: /^[A-Za-z0-9\-.*?]*\.[A-Za-z]+$/,
  longest: longestValue,
  expected: 'a host name such as shop.example.com or *.example.com',
});
const method: Schema<string> = converted(
  text({ pattern: /^[A-Za-z_-]+$/, longest: 40, expected: 'a method such as GET' }),
  (written) => ({ value: written.toUpperCase() }),
);
// visible ASCII characters, and spaces
const compared = text({ pattern: /^[\x20-\x7e]+$/, longest: longestValue, expected: 'a text to compare with' });

const ip: Schema<string> = converted(text({ expected: 'an address block such as 192.0.2.0/24' }), (written) => {
  const wrong = `expected an address block such as 192.0.2.0/24 or 2001:db8::/32, found ${JSON.stringify(written)}`;
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(written) ?? [];
  const version = isIP(address);
  if (version === 0 && isIP(written) !== 0) {
    return { wrong, hint: `for one address, write ${written}/${isIP(written) === 4 ? 32 : 128}` };
  }
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128)) return { wrong };
  if (written === '255.255.255.255/32') return { wrong: 'AWS does not accept 255.255.255.255/32 in a condition' };
  return { value: written };
});

const headers: Schema<ReadonlyMap<string, readonly string[]>> = converted(
  mapOf(oneOrMore(compared, 'a text to compare with'), {
    pattern: /^[!#$%&'+.^_`|~0-9A-Za-z-]{1,40}$/,
    expected: 'the name of a header, of at most 40 characters and without wildcards',
  }),
  (written) => {
    const name = [...written.keys()].find((key) => key.toLowerCase() === 'host');
    if (name === undefined) return { value: written };
    return {
      wrong: 'AWS compares the host in a condition of its own',
      hint: 'write host: instead of header: {host: …}',
    };
  },
);

interface QueryPair {
  readonly key?: string;
  readonly value: string;
}

const pair: Schema<QueryPair> = byKind<QueryPair>({
  scalar: converted(compared, (value) => ({ value: { value } })),
  map: object({
    required: { value: described('The value of the parameter.', compared, { examples: ['*beta*'] }) },
    optional: { key: described('The name of the parameter; any without it.', compared, { examples: ['version'] }) },
  }),
  expected: 'a value, or a map with key and value',
});
/** Each inner list is a condition: one of its pairs must match. */
const query: Schema<readonly (readonly QueryPair[])[]> = byKind<readonly (readonly QueryPair[])[]>({
  scalar: converted(compared, (value) => ({ value: [[{ value }]] })),
  list: converted(list(pair, { least: 1 }), (pairs) => ({ value: [pairs] })),
  map: converted(mapOf(oneOrMore(compared, 'a value')), (parameters) => ({
    value: [...parameters].map(([key, values]) => values.map((value) => ({ key, value }))),
  })),
  expected: 'a map of parameters, or a list of values of which one must match',
});

const written = object({
  required: {},
  optional: {
    path: described(
      'The path, or several of which one must match. * is any text and ? any character; upper and lower case differ.',
      oneOrMore(path, 'a path such as /orders/*'),
      { examples: ['/orders/*', ['/orders', '/orders/*']] },
    ),
    host: described(
      'The host name, or several of which one must match. * is any text and ? any character.',
      oneOrMore(host, 'a host name such as shop.example.com'),
      { examples: ['shop.example.com', '*.example.com'] },
    ),
    method: described('The method, or several of which one must match.', oneOrMore(method, 'a method such as GET'), {
      examples: ['POST', ['GET', 'HEAD']],
    }),
    header: described(
      'Headers by name, each with a value, or several of which one must match. All of the headers must match.',
      headers,
      { examples: [{ 'x-version': '2*' }, { 'user-agent': ['*Chrome*', '*Safari*'] }] },
    ),
    query: described(
      'Parameters of the query string, each with a value, or several of which one must match. All of the parameters must match. A list is values, with or without a key, of which one must match.',
      query,
      { examples: [{ version: 'v1' }, [{ key: 'version', value: 'v1' }, '*beta*']] },
    ),
    ip: described(
      'The block of addresses that the client is in, or several. Behind a proxy, this is the address of the proxy.',
      oneOrMore(ip, 'an address block such as 192.0.2.0/24'),
      { examples: ['192.0.2.0/24'] },
    ),
  },
  elsewhere: { paths: 'path', hosts: 'host', headers: 'header', methods: 'method', 'source-ip': 'ip' },
});

export type AlbConditions = Read<typeof written>;

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html, "Rules"
const mostValues = 5;
const mostWildcards = 5;

export const conditionsSchema: Schema<AlbConditions> = converted(written, (conditions) => {
  const values = valuesIn(conditions);
  if (values.length === 0) {
    return { wrong: 'a rule needs a condition', hint: "for every request, write path: '*'" };
  }
  if (values.length > mostValues) {
    const hint = 'a wildcard may cover several of them, or write another event with the next priority';
    return { wrong: `a rule compares with at most ${mostValues} values, found ${values.length}`, hint };
  }
  const wildcards = wildcardsIn(conditions);
  if (wildcards > mostWildcards) {
    return { wrong: `a rule has at most ${mostWildcards} wildcards, found ${wildcards}` };
  }
  return { value: conditions };
});

function valuesIn({ path: paths, host: hosts, method: verbs, header, query: pairs, ip: blocks }: AlbConditions) {
  return [
    ...(paths ?? []),
    ...(hosts ?? []),
    ...(verbs ?? []),
    ...[...(header?.values() ?? [])].flat(),
    ...(pairs ?? []).flat().map(({ value }) => value),
    ...(blocks ?? []),
  ];
}

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html, "Condition basics"
const documentedValues = 3;

/** Conditions with more values than AWS documents, though not more than its API describes. */
export function longConditions({ header, query: pairs, ...single }: AlbConditions): readonly string[] {
  const lists = [
    ...Object.entries(single),
    ...[...(header ?? [])].map(([name, values]) => [`header ${name}`, values] as const),
    ...(pairs ?? []).map((some) => ['query', some] as const),
  ];
  return lists.flatMap(([name, values]) => ((values?.length ?? 0) > documentedValues ? [name] : []));
}

/** Methods and addresses have no wildcards, and a query may have escaped ones. */
function wildcardsIn({ query: pairs = [], ...others }: AlbConditions): number {
  const texts = [
    ...valuesIn(others),
    ...pairs.flat().flatMap(({ key = '', value }) => [key, value].map((one) => one.replaceAll(/\\[*?]/g, ''))),
  ];
  return texts.join('').match(/[*?]/g)?.length ?? 0;
}

/** In one order, however they are written. */
export function ruleConditions({
  host: hosts,
  path: paths,
  method: verbs,
  header,
  query: pairs,
  ip: blocks,
}: AlbConditions): Value[] {
  const one = (Field: string, config: string, values: readonly string[] | undefined): Value[] =>
    values === undefined ? [] : [{ Field, [config]: { Values: values } }];
  return [
    ...one('host-header', 'HostHeaderConfig', hosts),
    ...one('path-pattern', 'PathPatternConfig', paths),
    ...one('http-request-method', 'HttpRequestMethodConfig', verbs),
    ...[...(header ?? [])].map(
      ([HttpHeaderName, Values]): Value => ({ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName, Values } }),
    ),
    ...(pairs ?? []).map((alternatives): Value => {
      const Values = alternatives.map(({ key, value }) => ({
        ...(key === undefined ? {} : { Key: key }),
        Value: value,
      }));
      return { Field: 'query-string', QueryStringConfig: { Values } };
    }),
    ...one('source-ip', 'SourceIpConfig', blocks),
  ];
}

/** In a few words, for lists of events. */
export function conditionsText({
  method: verbs,
  host: hosts,
  path: paths,
  header,
  query: pairs,
  ip: blocks,
}: AlbConditions): string {
  const place = `${hosts?.join('|') ?? ''}${paths?.join('|') ?? ''}`;
  return [
    verbs?.join('|'),
    place === '' ? undefined : place,
    ...[...(header ?? [])].map(([name, values]) => `${name}=${values.join('|')}`),
    ...(pairs ?? []).map((some) => `?${some.map(({ key = '*', value }) => `${key}=${value}`).join('|')}`),
    blocks?.join('|'),
  ]
    .filter((part) => part !== undefined)
    .join(' ');
}
