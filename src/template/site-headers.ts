// The headers of the site's files, as a policy: those that concern security have settings of their own.
import { fitted } from '../cfn/names.ts';
import type { Resource, Value } from '../cfn/resource.ts';
import type { Project } from '../project/project.ts';
import type { SiteSettings } from '../project/site.ts';

/** CloudFront has one namespace for all regions of an account. */
export const siteName = ({ environment: { names } }: Project, suffix: string) =>
  fitted(`${names.project}-${names.environment}-${names.region}-${suffix}`);

export function headersResource(
  project: Project,
  { headers = new Map() }: SiteSettings,
): Readonly<Record<string, Resource>> {
  if (headers.size === 0) return {};
  const rest = new Map(headers);
  const taken = (name: string, make: (value: string) => Readonly<Record<string, Value>>) => {
    const value = rest.get(name);
    rest.delete(name);
    return value === undefined ? {} : make(value);
  };
  const Override = true;
  const security = {
    ...taken('content-security-policy', (ContentSecurityPolicy) => ({
      ContentSecurityPolicy: { ContentSecurityPolicy, Override },
    })),
    ...taken('x-content-type-options', () => ({ ContentTypeOptions: { Override } })),
    ...taken('x-frame-options', (value) => ({ FrameOptions: { FrameOption: value.toUpperCase(), Override } })),
    ...taken('referrer-policy', (ReferrerPolicy) => ({ ReferrerPolicy: { ReferrerPolicy, Override } })),
    ...taken('strict-transport-security', (value) => ({
      StrictTransportSecurity: {
        AccessControlMaxAgeSec: Number(/\d+/.exec(value)?.[0]),
        IncludeSubdomains: /includeSubDomains/i.test(value),
        Preload: /preload/i.test(value),
        Override,
      },
    })),
  };
  const Items = [...rest].map(([Header, Value]) => ({ Header, Value, Override }));
  return {
    SiteHeaders: {
      Type: 'AWS::CloudFront::ResponseHeadersPolicy',
      Properties: {
        ResponseHeadersPolicyConfig: {
          Name: siteName(project, 'site'),
          ...(Object.keys(security).length === 0 ? {} : { SecurityHeadersConfig: security }),
          ...(Items.length === 0 ? {} : { CustomHeadersConfig: { Items } }),
        },
      },
    },
  };
}
