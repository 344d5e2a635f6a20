// What Lambda@Edge and CloudFront demand of a function with an `edge` event: settings, region, and a distribution that is there.
import type { Problem } from '../base/error.ts';
import { nearest } from '../base/suggest.ts';
import { type EdgeEvent, edgePlace } from '../events/edge.ts';
import { usesOf } from './event-uses.ts';
import type { FunctionSettings, Project } from './project.ts';

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html */
const edgeRegion = 'us-east-1';
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html#limits-lambda-at-edge
const viewerMemory = 128;
const viewerTimeout = 5;
const originTimeout = 30;

export function checkEdge(project: Project): Problem[] {
  const problems: Problem[] = [];
  for (const settings of project.functions) {
    const uses = usesOf('edge', [settings]).map(({ use }) => use as { config: EdgeEvent; at: Problem['at'] });
    const first = uses[0];
    if (first === undefined) continue;
    const { region, regions } = project.environment;
    if (region !== edgeRegion || regions !== undefined) {
      const message = `CloudFront takes functions of ${edgeRegion} only, and this environment is in ${regions === undefined ? region : 'several'}`;
      const hint = `set region: ${edgeRegion}, or move the function to a project there`;
      problems.push({ at: first.at, message, hint });
    }
    for (const { config, at } of uses) problems.push(...checkDistribution(project, config, at));
    problems.push(
      ...checkSettings(
        project,
        settings,
        uses.map(({ config }) => config),
      ),
    );
  }
  return problems;
}

function checkDistribution({ site, resources }: Project, config: EdgeEvent, at: Problem['at']): Problem[] {
  const { distribution, of, on } = config;
  if (distribution === undefined) {
    if (site === undefined) {
      const hint = 'add `site: {folder: public}`, or name a distribution of resources: {on: …, distribution: Cdn}';
      return [{ at, message: 'the project has no site whose requests the function could handle', hint }];
    }
    if (of === 'api' && site.api === undefined) {
      return [{ at, message: 'the site has no API', hint: 'add `api: /api` to the site, or write `of: files`' }];
    }
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html
    if (of === 'files' && on.startsWith('viewer') && site.rewrite !== false) {
      const message = `CloudFront runs either the function of the site that finds the index of a folder, or ${on} of Lambda@Edge`;
      const hint = `use ${on === 'viewer-request' ? 'origin-request' : 'origin-response'}, or set rewrite: false in site`;
      return [{ at, message, hint }];
    }
    return [];
  }
  const resource = resources.get(distribution);
  if (resource === undefined) {
    const suggestion = nearest(distribution, [...resources.keys()]);
    const hint = suggestion === undefined ? 'declare it under resources' : `did you mean "${suggestion}"?`;
    return [{ at, message: `there is no distribution "${distribution}" under resources`, hint }];
  }
  if (resource.Type !== 'AWS::CloudFront::Distribution') {
    return [{ at, message: `"${distribution}" is ${resource.Type}, not AWS::CloudFront::Distribution` }];
  }
  return checkBehavior(resource.Properties?.['DistributionConfig'], config, at);
}

interface Behavior {
  readonly PathPattern?: unknown;
  readonly FunctionAssociations?: readonly { readonly EventType?: unknown }[];
}

function checkBehavior(written: unknown, config: EdgeEvent, at: Problem['at']): Problem[] {
  const { DefaultCacheBehavior, CacheBehaviors = [] } = (written ?? {}) as {
    readonly DefaultCacheBehavior?: Behavior;
    readonly CacheBehaviors?: readonly Behavior[];
  };
  const { path, on } = config;
  const behavior = path === undefined ? DefaultCacheBehavior : CacheBehaviors.find((one) => one.PathPattern === path);
  if (behavior === undefined) {
    const known = CacheBehaviors.map((one) => String(one.PathPattern));
    const has = known.length === 0 ? 'it has the default one only' : `it has ${known.join(', ')}`;
    return [{ at, message: `${config.distribution} has no behavior with the path pattern ${path}`, hint: has }];
  }
  const others = behavior.FunctionAssociations ?? [];
  if (!on.startsWith('viewer') || !Array.isArray(others) || others.length === 0) return [];
  const message = `${edgePlace(config)} has a CloudFront function, with which CloudFront runs no ${on} of Lambda@Edge`;
  return [{ at, message, hint: `use ${on === 'viewer-request' ? 'origin-request' : 'origin-response'}, or remove it` }];
}

function checkSettings(project: Project, settings: FunctionSettings, events: readonly EdgeEvent[]): Problem[] {
  const { name, runtime, architecture, memory, timeout } = settings;
  const problems: Problem[] = [];
  const refuse = (key: string, message: string, hint: string) =>
    problems.push({ at: project.origin(['functions', name, key]), message: `Lambda@Edge ${message}`, hint });
  if (settings.image !== undefined) refuse('image', 'runs no container images', 'give the function a handler');
  else if (!/^(nodejs|python)/.test(runtime)) {
    refuse('runtime', `runs Node.js and Python, not ${runtime}`, 'write the function in one of them');
  }
  if (architecture !== 'x86_64') refuse('architecture', 'runs on x86_64 only', 'set architecture: x86_64');
  const viewer = events.find((event) => event.on.startsWith('viewer'));
  if (viewer !== undefined && memory > viewerMemory) {
    const message = `gives a function on ${viewer.on} ${viewerMemory} MB, and "${name}" has ${memory}`;
    refuse('memory', message, `set memory: ${viewerMemory}`);
  }
  const mostSeconds = viewer === undefined ? originTimeout : viewerTimeout;
  if (timeout > mostSeconds) {
    const { on = '' } = viewer ?? events[0] ?? {};
    refuse(
      'timeout',
      `waits ${mostSeconds} seconds on ${on}, and "${name}" may take ${timeout}`,
      `set timeout: ${mostSeconds}`,
    );
  }
  const variables = [...settings.variables.keys()];
  if (variables.length > 0) {
    const hint = 'read them from a file, or build them in; variables of `defaults` go with `variables: null`';
    refuse('variables', `has no environment variables, and "${name}" has ${variables.join(', ')}`, hint);
  }
  for (const [key, isSet, what] of [
    [
      'sourceMap',
      settings.packaging.sourceMap && settings.packaging.family === 'nodejs',
      'the variable that turns on source maps',
    ],
    ['secrets', (settings.secrets?.size ?? 0) > 0, 'environment variables, so no secrets'],
    ['vpc', settings.vpc !== undefined, 'networks'],
    ['fileSystem', settings.fileSystem !== undefined, 'file systems'],
    ['layers', (settings.layers?.length ?? 0) > 0, 'layers'],
    ['deadLetterQueue', settings.deadLetterQueue !== undefined, 'dead-letter queues'],
    ['tracing', settings.tracing === 'Active', 'X-Ray'],
    ['provisionedConcurrency', settings.provisionedConcurrency !== undefined, 'provisioned concurrency'],
    ['ephemeralStorage', settings.ephemeralStorage > 512, 'more than 512 MB of /tmp'],
    ['kmsKeyArn', settings.kmsKeyArn !== undefined, 'keys for environment variables'],
    ['runtimeManagement', settings.runtimeManagement !== undefined, 'a runtime management other than Auto'],
    ['snapStart', settings.snapStart === true, 'SnapStart'],
  ] as const) {
    if (isSet) refuse(key, `does not support ${what}`, `remove ${key}, or set it to null if it is in defaults`);
  }
  return problems;
}
