// The key `site` of project.yml: static files behind CloudFront, with the project's HTTP API under a path of the same domain.
import type { Problem, Span } from '../base/error.ts';
import type { Plain } from '../base/located.ts';
import {
  converted,
  described,
  flag,
  located,
  mapOf,
  object,
  oneOf,
  type Read,
  text,
  verbatim,
} from '../base/schema.ts';

const file = text({ pattern: /^[^/\s][^\s?#]*$/, expected: 'a path in the folder, such as index.html' });

const domain = object({
  required: {
    name: described(
      'The domain name.',
      text({
        pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
        expected: 'a domain name such as www.example.com',
      }),
      { examples: ['www.example.com'] },
    ),
  },
  optional: {
    zone: described(
      'The id of the hosted zone for its records; ${zone:example.com} looks it up. In us-east-1, fx also makes the certificate with it.',
      text({ pattern: /^Z[A-Z0-9]+$/, expected: 'the id of a hosted zone, or ${zone:example.com}' }),
      { examples: ['${zone:example.com}'] },
    ),
    certificate: described(
      'The ARN of a certificate in us-east-1, the only region that CloudFront takes one of.',
      verbatim,
      {
        examples: ['arn:aws:acm:us-east-1:111122223333:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9'],
      },
    ),
  },
});

/** CloudFront refuses these among custom headers: each has a setting of its own.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html */
export const securityHeaders = [
  'content-security-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
] as const;

const headers = converted(
  mapOf(text({ pattern: /^[\x20-\x7e]+$/, expected: 'the value of a header' }), {
    pattern: /^[A-Za-z0-9-]{1,128}$/,
    expected: 'the name of a header',
  }),
  (written) => {
    const value = new Map([...written].map(([name, one]) => [name.toLowerCase(), one]));
    const transport = value.get('strict-transport-security');
    if (transport !== undefined && !/^max-age=\d+(; ?includeSubDomains)?(; ?preload)?$/i.test(transport)) {
      return {
        wrong: `expected a value such as max-age=31536000; includeSubDomains, found ${JSON.stringify(transport)}`,
      };
    }
    const frames = value.get('x-frame-options');
    if (frames !== undefined && !/^(deny|sameorigin)$/i.test(frames)) {
      return { wrong: `expected DENY or SAMEORIGIN for x-frame-options, found ${JSON.stringify(frames)}` };
    }
    const types = value.get('x-content-type-options');
    if (types !== undefined && types !== 'nosniff') return { wrong: 'x-content-type-options is nosniff or nothing' };
    return { value };
  },
);

export const siteSchema = described(
  'Static files, served by CloudFront from a private bucket.',
  object({
    required: {
      folder: described(
        'The folder with the files, relative to project.yml; hooks.build may make it.',
        text({ expected: 'a folder such as public' }),
        { examples: ['public'] },
      ),
    },
    optional: {
      index: described('The file that answers for a folder.', file, { default: 'index.html', examples: ['home.html'] }),
      notFound: described('The file that answers with 404 if there is none. Not with api.', located(file), {
        examples: ['404.html'],
      }),
      spa: described(
        'Answer paths without a file extension with the index: for an application with routes of its own.',
        located(flag),
        {
          default: false,
          examples: [true],
        },
      ),
      rewrite: described(
        'Find the index of a folder, by a CloudFront function. Off for a function of your own on viewer-request or viewer-response.',
        flag,
        { default: true, examples: [false] },
      ),
      api: described(
        'The path under which the HTTP API of the project answers too. Its routes begin with it.',
        located(text({ pattern: /^\/[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/, expected: 'a path such as /api' })),
        { examples: ['/api'] },
      ),
      domain: described('The domain name of the site.', located(domain), {
        examples: [{ name: 'www.example.com', zone: '${zone:example.com}' }],
      }),
      cache: described(
        'Cache-Control of files, by a pattern of their paths with *; the first that matches counts. Without one: no-cache for HTML, a year for names with a hash, else checked each time.',
        mapOf(text({ expected: 'a Cache-Control such as max-age=86400' })),
        { examples: [{ 'images/*': 'public, max-age=86400' }] },
      ),
      headers: described('Headers of every file.', headers, { examples: [{ 'x-frame-options': 'DENY' }] }),
      priceClass: oneOf(['100', '200', 'all'], 'The edge locations that answer, from the cheapest third on.', {
        default: 'all',
        examples: ['100'],
      }),
    },
    elsewhere: { path: 'folder', certificateArn: 'domain.certificate', errorPage: 'notFound', build: 'hooks.build' },
  }),
  { examples: [{ folder: 'public', spa: true }] },
);
export type SiteSettings = Read<typeof siteSchema>;

interface SiteContext {
  readonly region: string;
  /** Whether the environment has several. */
  readonly hasRegions: boolean;
  /** Whether any function has a route of the HTTP API of `http`. */
  readonly hasApi: boolean;
  readonly at: Span;
}

export function checkSite(site: SiteSettings, { region, hasRegions, hasApi, at }: SiteContext): Problem[] {
  const { spa, notFound, api, domain: named } = site;
  const problems: Problem[] = [];
  if (spa?.value === true && notFound !== undefined) {
    problems.push({
      at: notFound.at,
      message: 'with spa, the index answers every path, so notFound never would',
      hint: 'remove one of them',
    });
  }
  if (spa?.value === true && site.rewrite === false) {
    const message = 'with spa, a CloudFront function finds the index, and rewrite: false removes it';
    problems.push({ at: spa.at, message, hint: 'remove one of them' });
  }
  if (api !== undefined && !hasApi) {
    problems.push({
      at: api.at,
      message: 'no function has an http event, so there is no API to answer',
      hint: 'remove api, or add a route',
    });
  }
  if (api !== undefined && notFound !== undefined) {
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/GeneratingCustomErrorResponses.html: for a whole distribution
    const message = "CloudFront's page for 404 would also replace the 404 answers of the API";
    problems.push({
      at: notFound.at,
      message,
      hint: 'remove notFound, or give the API a domain of its own with http.domain',
    });
  }
  if (named !== undefined && hasRegions) {
    const message = 'a domain leads to one distribution, and each region of this environment would have one';
    problems.push({ at: named.at, message, hint: 'remove the domain, or deploy the site to one region' });
  }
  if (named !== undefined) problems.push(...checkDomain(named.value, named.at, region));
  if (site.folder === '.' || site.folder.startsWith('..')) {
    problems.push({ at, message: 'the folder of the site must be below project.yml, or its sources would be public' });
  }
  return problems;
}

function checkDomain({ name, zone, certificate }: Read<typeof domain>, at: Span, region: string): Problem[] {
  // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
  if (isElsewhere(certificate)) {
    const message = `CloudFront takes certificates of us-east-1 only, and that of ${name} is elsewhere`;
    return [{ at, message, hint: 'request one in us-east-1, and give its ARN' }];
  }
  if (certificate !== undefined) return [];
  if (region !== 'us-east-1') {
    const message = `${name} needs a certificate in us-east-1, and a stack in ${region} cannot make it there`;
    return [{ at, message, hint: 'request one in us-east-1, and write certificate: ARN' }];
  }
  if (zone !== undefined) return [];
  const message = `${name} needs a certificate, or a zone in which fx validates one`;
  return [{ at, message, hint: 'write zone: ${zone:example.com}, or certificate: ARN' }];
}

const isElsewhere = (certificate: Plain | undefined): boolean =>
  typeof certificate === 'string' && certificate.startsWith('arn:') && certificate.split(':')[3] !== 'us-east-1';
