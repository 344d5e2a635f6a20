// The domain names of APIs, as users write them.
import type { Problem, Span } from '../base/error.ts';
import type { Located, Plain } from '../base/located.ts';
import {
  byKind,
  converted,
  described,
  flag,
  list,
  object,
  oneOf,
  type Reading,
  type Schema,
  shown,
  text,
  verbatim,
} from '../base/schema.ts';

/** What makes a domain; without it, the name is that of a domain which another API of the project makes. */
export interface DomainSettings {
  readonly zone?: string;
  readonly certificate?: Plain;
  readonly record?: boolean;
  readonly mutualTls?: { readonly truststore: string; readonly version?: string };
  readonly securityPolicy?: 'TLS_1_2' | 'TLS_1_0';
  readonly ipAddressType?: 'ipv4' | 'dualstack';
}

export interface Domain {
  readonly name: string;
  readonly basePath: string | undefined;
  /** The domain exists in the account, and fx only maps the API to it. */
  readonly existing: boolean;
  readonly settings: DomainSettings | undefined;
  readonly at: Span;
}

const nameRule = {
  pattern: /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
  expected: 'a domain name such as api.example.com',
};
// https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html#rest-api-mappings-restrictions
const basePathRule = {
  pattern: /^[A-Za-z0-9$\-_.+!*'()]+(\/[A-Za-z0-9$\-_.+!*'()]+)*$/,
  expected: "a path without its first and last slash, of letters, digits and $-_.+!*'()",
  longest: 300,
};

/** The id of a hosted zone. If `${zone:…}` found it, `holds` is the zone's own name. */
const zone: Schema<{ readonly id: string; readonly holds: string | undefined }> = {
  expected: 'the id of a hosted zone, or ${zone:example.com}',
  json: { type: 'string', expected: 'the id of a hosted zone, or ${zone:example.com}', pattern: '^Z[A-Z0-9]+$' },
  read(value: Located, reading: Reading) {
    const id = value.kind === 'scalar' ? value.value : undefined;
    if (typeof id === 'string' && /^Z[A-Z0-9]+$/.test(id)) {
      const lookup = value.kind === 'scalar' ? value.lookup : undefined;
      return {
        id,
        holds: /^\$\{zone:([^,}]+)/
          .exec(lookup ?? '')?.[1]
          ?.trim()
          .toLowerCase(),
      };
    }
    const name = typeof id === 'string' && nameRule.pattern.test(id) ? id : 'example.com';
    const hint = `write \${zone:${name}}, which looks the id up`;
    reading.problem(value.at, `expected the id of a hosted zone, found ${shown(value)}`, hint);
    return undefined;
  },
};

const map: Schema<Unplaced> = {
  ...converted(
    object({
      required: {
        name: described('The domain name.', text(nameRule), { examples: ['api.example.com'] }),
      },
      optional: {
        basePath: described(
          'The first parts of the paths that go to this API; without it, all paths do.',
          text(basePathRule),
          {
            examples: ['v1'],
          },
        ),
        zone: described(
          'The hosted zone of Route 53 for the records of the name, and of the certificate that fx makes.',
          zone,
          { examples: ['${zone:example.com}', 'Z0123456789ABCDEFGHIJ'] },
        ),
        certificate: described(
          'The ARN of a certificate in the region of the API. Without it, fx makes one and validates it in the zone.',
          verbatim,
          { examples: ['arn:aws:acm:eu-west-1:111122223333:certificate/1234'] },
        ),
        record: described('Point the name at the API in the zone.', flag, { default: true, examples: [false] }),
        mutualTls: described(
          'Require certificates of clients.',
          object({
            required: {
              truststore: described(
                'The authorities of those certificates: a PEM file in S3.',
                text({ pattern: /^s3:\/\/[^/]+\/.+$/, expected: 's3://bucket/key' }),
                { examples: ['s3://shop-certificates/truststore.pem'] },
              ),
            },
            optional: { version: described('The version of the file.', text(), { examples: ['abcdef012345'] }) },
            elsewhere: { truststoreUri: 'truststore', tlsTruststoreUri: 'truststore', truststoreVersion: 'version' },
          }),
          {
            examples: [{ truststore: 's3://shop-certificates/truststore.pem' }],
            aws: 'https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-mutual-tls.html',
          },
        ),
        securityPolicy: oneOf(['TLS_1_2', 'TLS_1_0'], 'The oldest version of TLS that clients may use.', {
          default: 'TLS_1_2',
          examples: ['TLS_1_2'],
        }),
        ipAddressType: oneOf(['ipv4', 'dualstack'], 'dualstack answers over IPv6 too, with an AAAA record.', {
          default: 'ipv4',
          examples: ['dualstack'],
        }),
        existing: described('The domain exists in the account: fx only maps the API to it.', flag, {
          default: false,
          examples: [true],
        }),
      },
      elsewhere: {
        domainName: 'name',
        certificateArn: 'certificate',
        hostedZoneId: 'zone',
        createRoute53Record: 'record',
        createRoute53IPv6Record: 'ipAddressType: dualstack',
        tlsTruststoreUri: 'mutualTls.truststore',
      },
    }),
    readDomain,
  ),
};

type Unplaced = Omit<Domain, 'at'>;
type Written = { readonly value: Unplaced } | { readonly wrong: string; readonly hint?: string };

function readDomain({
  name,
  basePath,
  existing = false,
  zone: found,
  ...own
}: {
  readonly name: string;
  readonly basePath?: string;
  readonly existing?: boolean;
  readonly zone?: { readonly id: string; readonly holds: string | undefined };
} & Omit<DomainSettings, 'zone'>): Written {
  if (found?.holds !== undefined && name !== found.holds && !name.endsWith(`.${found.holds}`)) {
    return { wrong: `the zone ${found.holds} does not hold ${name}`, hint: `the zone of a name is one of its ends` };
  }
  const settings: DomainSettings = { ...own, ...(found === undefined ? {} : { zone: found.id }) };
  const set = Object.keys(settings)[0];
  if (existing) {
    return set === undefined
      ? { value: { name, basePath, existing, settings: undefined } }
      : { wrong: `"${set}" belongs to the domain, which exists already`, hint: 'remove it, or remove existing' };
  }
  if (set === undefined) return { value: { name, basePath, existing, settings: undefined } };
  if (found === undefined && own.certificate === undefined) {
    return {
      wrong: `${name} needs a certificate, or a zone in which fx validates one`,
      hint: 'zone: ${zone:example.com}',
    };
  }
  if (found === undefined && own.record === true) {
    return { wrong: `a record for ${name} needs the zone that it goes into`, hint: 'zone: ${zone:example.com}' };
  }
  return { value: { name, basePath, existing, settings } };
}

const short: Schema<Unplaced> = converted(text({ expected: 'a domain name such as api.example.com' }), (written) => {
  const [, name = '', basePath] = /^([^/]*)(?:\/(.*))?$/.exec(written) ?? [];
  if (!nameRule.pattern.test(name)) return { wrong: `expected ${nameRule.expected}, found ${JSON.stringify(name)}` };
  if (basePath !== undefined && !basePathRule.pattern.test(basePath)) {
    return { wrong: `expected ${basePathRule.expected}, found ${JSON.stringify(basePath)}` };
  }
  return { value: { name, basePath, existing: false, settings: undefined } };
});

/** The same domain with its place. */
function placed(schema: Schema<Unplaced>): Schema<Domain> {
  return {
    ...schema,
    read(value, reading) {
      const domain = schema.read(value, reading);
      return domain === undefined ? undefined : { ...domain, at: value.at };
    },
  };
}

const alone = (schema: Schema<Unplaced>): Schema<readonly Domain[]> =>
  converted(placed(schema), (domain) => ({ value: [domain] }));
const expected = 'a domain name, or a map with name';

export const domainsSchema: Schema<readonly Domain[]> = byKind<readonly Domain[]>({
  scalar: alone(short),
  map: alone(map),
  list: list(byKind({ scalar: placed(short), map: placed(map), expected }), { least: 1 }),
  expected,
});

interface WithDomains {
  readonly domain?: readonly Domain[];
  readonly apis?: ReadonlyMap<string, WithDomains>;
}

/** The domains of all APIs, in every section that has some. */
export function domainsIn(sections: Readonly<Record<string, unknown>>): readonly Domain[] {
  return Object.values(sections).flatMap((section) => {
    const { domain = [], apis } = (section ?? {}) as WithDomains;
    return [...domain, ...[...(apis?.values() ?? [])].flatMap((api) => api.domain ?? [])];
  });
}

/** Problems of the domains of one API, given those of all. */
export function checkDomains(domains: readonly Domain[], all: readonly Domain[]): Problem[] {
  return domains.flatMap((domain): Problem[] => {
    const { name, basePath, at, existing, settings } = domain;
    const same = all.filter((other) => other.name === name);
    const taken = same.find((other) => other !== domain && other.basePath === basePath);
    const problems: Problem[] = [];
    if (taken !== undefined && same.indexOf(domain) > same.indexOf(taken)) {
      const where = basePath === undefined ? name : `${name}/${basePath}`;
      problems.push({ at, message: `two APIs answer at ${where}`, hint: 'give one of them a basePath' });
    }
    const makers = same.filter((other) => other.settings !== undefined);
    if (settings !== undefined && makers[0] !== domain) {
      const message = `the domain ${name} is defined twice`;
      problems.push({ at, message, hint: `write its settings once, and domain: ${name} at the other APIs` });
    }
    if (settings === undefined && !existing && makers.length === 0) {
      const message = `${name} needs a certificate, or a zone in which fx validates one`;
      problems.push({
        at,
        message,
        hint: `write domain: {name: ${name}, zone: "\${zone:example.com}"}, or existing: true for a domain that is there`,
      });
    }
    return problems;
  });
}
