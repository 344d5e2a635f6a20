// `edge`: Lambda@Edge. CloudFront calls a version of the function at one of four moments of a request, near the visitor.
import { byKind, converted, described, flag, object, oneOf, type Schema, text } from '../base/schema.ts';
import type { EventSource, Use } from './source.ts';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-cloudfront-trigger-events.html */
const moments = ['viewer-request', 'origin-request', 'origin-response', 'viewer-response'] as const;
type Moment = (typeof moments)[number];

export interface EdgeEvent {
  readonly on: Moment;
  /** Part of the site; undefined with a distribution of the user. */
  readonly of: 'files' | 'api' | undefined;
  /** The logical id of a distribution under resources. */
  readonly distribution: string | undefined;
  /** The path pattern of one of its behaviors; undefined for the default one. */
  readonly path: string | undefined;
  /** Whether the event contains the body. */
  readonly body: boolean;
}

const expected = moments.join(', ');
const on = oneOf(moments, 'When CloudFront calls the function.');

const short: Schema<EdgeEvent> = converted(on, (value) => ({
  value: { on: value, of: 'files', distribution: undefined, path: undefined, body: false },
}));
const long: Schema<EdgeEvent> = converted(
  object({
    required: { on },
    optional: {
      of: oneOf(['files', 'api'], 'The requests of the site: those for its files, or those that go to its API.', {
        default: 'files',
      }),
      distribution: described(
        'The logical id of a distribution under resources, instead of the site.',
        text({ pattern: /^[A-Za-z0-9]+$/, expected: 'the logical id of a distribution' }),
        { examples: ['Cdn'] },
      ),
      path: described(
        'The path pattern of a behavior of that distribution, as it is written there. Without it, the default behavior.',
        text({ expected: 'a path pattern such as images/*' }),
        { examples: ['images/*'] },
      ),
      body: described('The event contains the body. For requests only.', flag, { default: false }),
    },
    elsewhere: { eventType: 'on', includeBody: 'body', pathPattern: 'path' },
  }),
  ({ on: moment, of, distribution, path, body = false }) => {
    if (distribution !== undefined && of !== undefined) {
      return { wrong: '`of` is about the site, and `distribution` about another distribution: remove one of them' };
    }
    if (distribution === undefined && path !== undefined) {
      return { wrong: '`path` names a behavior of `distribution`; for the site, write `of: files` or `of: api`' };
    }
    if (body && !moment.endsWith('-request')) {
      return { wrong: `the event of ${moment} contains no body: remove \`body\`` };
    }
    const ofSite = distribution === undefined ? (of ?? 'files') : undefined;
    return { value: { on: moment, of: ofSite, distribution, path, body } };
  },
);

/** The requests that the event is about, in words. */
export function edgePlace({ of, distribution, path }: EdgeEvent): string {
  if (of !== undefined) return of === 'files' ? 'the files of the site' : 'the API of the site';
  return `${path ?? 'the default behavior'} of ${distribution}`;
}

/** The template has the distribution with the association: it needs the version, whose id is known last. */
export const edge: EventSource<'edge', EdgeEvent> = {
  kind: 'edge',
  schema: byKind({ scalar: short, map: long, expected }),
  docs: {
    summary: 'Lambda@Edge: CloudFront calls the function for requests or responses of the site, or of a distribution.',
    example: 'edge: origin-request',
    aws: 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-the-edge.html',
  },
  typeOf: ({ on }) => (on.endsWith('request') ? 'lambda.CloudFrontRequestEvent' : 'lambda.CloudFrontResponseEvent'),
  sampleOf: ({ on }) => (on.endsWith('request') ? 'edge' : 'edge-origin-response'),
  describe: (config) => `edge ${config.on}, ${edgePlace(config)}`,
  check: (uses) => uses.flatMap((use, index) => twice(use, uses.slice(0, index))),
  compile: () => ({}),
};

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html: one function an event type */
function twice({ function: { name }, config, at }: Use<EdgeEvent>, before: readonly Use<EdgeEvent>[]) {
  const place = edgePlace(config);
  const other = before.find((one) => one.config.on === config.on && edgePlace(one.config) === place);
  if (other === undefined) return [];
  const message = `"${other.function.name}" is called on ${config.on} for ${place} already, and CloudFront calls one function`;
  return [{ at, message, hint: `call the code of "${name}" from "${other.function.name}", or choose another event` }];
}
