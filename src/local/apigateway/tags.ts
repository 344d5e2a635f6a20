// API Gateway's operations on the tags of REST APIs, stages, API keys, usage plans, domain names and certificates.

import { badRequest, notFound } from '../api-gateway.ts';
import type { Operations } from '../cloud.ts';
import { withoutKeys } from '../without-keys.ts';
import { openCertificates } from './account.ts';
import { openApiKeys } from './api-keys.ts';
import { openDomainNames } from './domain-names.ts';
import { type ApiContext, existingPart, type Texts } from './state.ts';
import { openUsagePlans } from './usage-plans.ts';

interface Tagged {
  readonly tags: Texts;
  set(tags: Texts): void;
}

export function tagOperations(context: ApiContext): Operations<'apigateway'> {
  return {
    GetTags: {
      members: ['resourceArn', 'position', 'limit'],
      run: ({ resourceArn }) => ({ tags: { ...taggedBy(context, resourceArn).tags } }),
    },
    TagResource: {
      members: ['resourceArn', 'tags'],
      run({ resourceArn, tags = {} }) {
        const tagged = taggedBy(context, resourceArn);
        const wrong = Object.keys(tags).find((key) => key.toLowerCase().startsWith('aws:'));
        if (wrong !== undefined) throw badRequest('Tag keys starting with aws: are reserved for system use.');
        const merged = { ...tagged.tags, ...tags };
        if (Object.keys(merged).length > 50) throw badRequest('Tags cannot exceed 50 per resource.');
        tagged.set(merged);
        return {};
      },
    },
    UntagResource: {
      members: ['resourceArn', 'tagKeys'],
      run({ resourceArn, tagKeys = [] }) {
        const tagged = taggedBy(context, resourceArn);
        tagged.set(withoutKeys(tagged.tags, tagKeys));
        return {};
      },
    },
  };
}

/** What an ARN such as `arn:aws:apigateway:us-east-1::/restapis/id/stages/name` names. */
function taggedBy(context: ApiContext, arn: string | undefined): Tagged {
  const { apis, cloud } = context;
  const [, kind = '', id = '', , stageName] =
    /^arn:[\w-]+:apigateway:[^:]*:\d*:\/([a-z]+)\/([^/]+)(\/stages\/([^/]+))?$/.exec(arn ?? '') ?? [];
  const collections = {
    restapis: apis,
    apikeys: openApiKeys(cloud),
    usageplans: openUsagePlans(cloud),
    domainnames: openDomainNames(cloud),
    clientcertificates: openCertificates(context),
  } as const;
  const collection = collections[kind as keyof typeof collections];
  const record = collection?.get(id);
  if (record === undefined) throw notFound('Invalid resource ARN specified in the request');
  if (stageName === undefined) {
    return { tags: record.tags ?? {}, set: (tags) => collection.set(id, { ...record, tags } as never) };
  }
  const api = existingPart({ [id]: apis.get(id) }, id, 'Invalid resource ARN specified in the request');
  const stage = existingPart(api?.stages, stageName, 'Invalid Stage identifier specified');
  return {
    tags: stage.tags ?? {},
    set(tags) {
      if (api !== undefined) apis.set(id, { ...api, stages: { ...api.stages, [stageName]: { ...stage, tags } } });
    },
  };
}
