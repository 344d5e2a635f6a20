// The table of plugins: what fx does itself, what changes, and what is not carried over.

import { type Cursor, unreadIn } from '../cursor.ts';
import { placeOf } from '../draft.ts';
import { pluginDomains } from './domains.ts';
import type { Service } from './service.ts';
import { convertWarmup } from './warmup.ts';

interface Plugin {
  readonly kind: 'carried' | 'changed' | 'dropped';
  readonly message: string;
  readonly remedy?: string;
  /** Its keys under `custom`. */
  readonly custom?: readonly string[];
  /** Its keys at the top of the file. */
  readonly top?: readonly string[];
  /** Converts its settings. */
  readonly convert?: (service: Service, settings: Cursor) => void;
}

const builtIn = (message: string, custom: readonly string[] = []): Plugin => ({ kind: 'carried', message, custom });
const changed = (message: string, remedy: string, custom: readonly string[] = []): Plugin => ({
  kind: 'changed',
  message,
  remedy,
  custom,
});
const dropped = (
  message: string,
  remedy: string,
  custom: readonly string[] = [],
  top: readonly string[] = [],
): Plugin => ({
  kind: 'dropped',
  message,
  remedy,
  custom,
  top,
});

const bundles = 'fx bundles JavaScript and TypeScript itself';
const local = 'fx has a local AWS: fx deploy, fx dev';

export const plugins: Readonly<Record<string, Plugin>> = {
  'serverless-esbuild': { kind: 'carried', message: bundles, custom: ['esbuild'], convert: esbuild },
  'serverless-webpack': builtIn(bundles, ['webpack', 'webpackIncludeModules', 'webpackConfig']),
  'serverless-bundle': builtIn(bundles, ['bundle']),
  'serverless-plugin-typescript': builtIn(bundles, ['serverlessPluginTypescript']),
  'serverless-typescript': builtIn(bundles),
  'serverless-plugin-optimize': builtIn(bundles, ['optimize']),
  'serverless-optimizer-plugin': builtIn(bundles, ['optimize']),
  'serverless-babel-plugin': builtIn(bundles),
  'serverless-plugin-include-dependencies': builtIn('fx packs what a handler needs', ['includeDependencies']),
  'serverless-plugin-monorepo': builtIn('fx packs what a handler needs, in workspaces too'),
  'serverless-package-external': builtIn('fx packs what a handler imports, wherever it is', ['packageExternal']),
  'serverless-dotenv-plugin': changed(
    'fx reads .env and .env.<environment> for ${var.…}',
    'name under variables what a function needs: variables: {NAME: "${var.NAME}"}',
    ['dotenv'],
  ),
  'serverless-offline': builtIn(local, ['serverless-offline']),
  'serverless-offline-sns': builtIn(local, ['serverless-offline-sns']),
  'serverless-offline-sqs': builtIn(local, ['serverless-offline-sqs']),
  'serverless-offline-ssm': builtIn(local, ['serverless-offline-ssm']),
  'serverless-offline-scheduler': builtIn(local),
  'serverless-offline-dynamodb-streams': builtIn(local, ['serverless-offline-dynamodb-streams']),
  'serverless-s3-local': builtIn(local, ['s3']),
  'serverless-dynamodb-local': builtIn(local, ['dynamodb']),
  'serverless-dynamodb': builtIn(local, ['dynamodb', 'serverless-dynamodb']),
  'serverless-localstack': builtIn(local, ['localstack']),
  'serverless-python-requirements': {
    kind: 'carried',
    message: 'fx installs what requirements.txt or pyproject.toml names, without Docker',
    custom: ['pythonRequirements'],
  },
  'serverless-ruby-layer': builtIn('fx packs what a Gemfile names', ['rubyLayer']),
  'serverless-rust': changed(
    'fx builds Rust itself',
    'set source to the folder with Cargo.toml, and rust.bin if it has several programs',
    ['rust'],
  ),
  'serverless-go-plugin': changed('fx builds Go itself', 'set source to the folder with main.go', ['go']),
  'serverless-go-build': changed('fx builds Go itself', 'set source to the folder with main.go', ['go-build']),
  'serverless-haskell': dropped('fx does not build Haskell', 'build a zip with bootstrap, and name it under artifact', [
    'haskell',
  ]),
  'serverless-scala': dropped('fx does not build Scala', 'build a jar, and name it under artifact'),
  'serverless-iam-roles-per-function': builtIn('each function has a role of its own', [
    'serverless-iam-roles-per-function',
  ]),
  'serverless-prune-plugin': {
    kind: 'carried',
    message: 'fx deletes the versions that no release needs',
    custom: ['prune'],
    convert: prune,
  },
  'serverless-plugin-split-stacks': dropped(
    'fx has one stack for each environment',
    'split the project if it has over 500 resources',
    ['splitStacks'],
  ),
  'serverless-plugin-canary-deployments': changed(
    'fx moves traffic step by step by itself',
    'set deployment: {canary: 10%} for an environment',
  ),
  'serverless-plugin-aws-alerts': dropped(
    'fx makes no alarms by itself',
    'add AWS::CloudWatch::Alarm under resources, or abortOn under deployment',
    ['alerts'],
  ),
  'serverless-plugin-warmup': {
    kind: 'carried',
    message: 'fx warms functions: warm',
    custom: ['warmup'],
    convert: convertWarmup,
  },
  'serverless-better-credentials': builtIn('fx reads profiles, SSO and roles as the AWS CLI does'),
  'serverless-pseudo-parameters': builtIn('#{AWS::…} is a Sub of CloudFormation'),
  'serverless-cloudformation-sub-variables': builtIn('!Sub is what CloudFormation has'),
  'serverless-plugin-log-retention': {
    kind: 'carried',
    message: 'fx sets the retention of logs',
    custom: ['logRetentionInDays'],
    convert: retention,
  },
  'serverless-plugin-tracing': builtIn('fx turns X-Ray on: tracing'),
  'serverless-domain-manager': {
    kind: 'carried',
    message: 'fx makes domain names of APIs',
    custom: ['customDomain', 'customDomains'],
    convert: pluginDomains,
  },
  'serverless-step-functions': { kind: 'carried', message: 'fx has state machines', top: ['stepFunctions'] },
  'serverless-lift': { kind: 'carried', message: 'fx makes queues, buckets and tables', top: ['constructs'] },
  'serverless-export-env': builtIn('fx has fx exec: a command with the variables of a function', ['export-env']),
  'serverless-stack-output': builtIn('fx info --json prints the outputs', ['output']),
  'serverless-plugin-scripts': dropped('fx runs other hooks', 'write them under hooks', ['scripts']),
  'serverless-scriptable-plugin': dropped(
    'fx runs other hooks',
    'write them under hooks: build, deploy, clean, afterDeploy',
    ['scriptHooks', 'scriptable'],
  ),
  'serverless-finch': changed('fx serves static files itself', 'write site: {folder: client/dist}', ['client']),
  'serverless-s3-sync': dropped(
    'fx copies no files to buckets of yours',
    'serve them as site, or copy them in hooks.afterDeploy',
    ['s3Sync'],
  ),
  'serverless-single-page-app-plugin': dropped(
    'fx copies no files to buckets of yours',
    'write site: {folder: app/dist, spa: true} in place of the bucket and the distribution',
    ['s3Bucket', 's3LocalPath'],
  ),
  'serverless-wsgi': dropped(
    'fx packs no WSGI adapter',
    'write a handler with an adapter such as apig-wsgi or mangum',
    ['wsgi'],
  ),
  'serverless-express': builtIn('an adapter in the handler serves the framework'),
  'serverless-apigw-binary': {
    kind: 'carried',
    message: 'fx sets binary types of a REST API',
    custom: ['apigwBinary'],
    convert: binaryTypes,
  },
  'serverless-rack': dropped('fx packs no Rack adapter', 'write a handler that calls the application', ['rack']),
  'serverless-cf-vars': builtIn('#{…} is a Sub of CloudFormation'),
  'serverless-plugin-custom-domain': changed('fx makes domain names of APIs', 'write rest: {domain: …}', [
    'customDomain',
  ]),
  'serverless-apigateway-service-proxy': dropped('fx routes to functions', 'write the integrations under resources', [
    'apiGatewayServiceProxies',
  ]),
  'serverless-api-gateway-caching': changed('fx caches routes of a REST API', 'write rest: {cache: {size: "0.5"}}', [
    'apiGatewayCaching',
  ]),
  'serverless-api-gateway-throttling': changed('fx throttles routes', 'write throttle under rest or at a route', [
    'apiGatewayThrottling',
  ]),
  'serverless-associate-waf': changed('fx attaches a web ACL', 'write rest: {waf: ARN}', ['associateWaf']),
  'serverless-aws-documentation': dropped(
    'fx documents no routes',
    'nothing, or write AWS::ApiGateway::DocumentationPart under resources',
    ['documentation'],
  ),
  'serverless-openapi-documentation': dropped('fx documents no routes', 'nothing', ['documentation']),
  'serverless-appsync-plugin': dropped(
    'fx makes no AppSync APIs',
    'write AWS::AppSync::… under resources',
    ['appSync'],
    ['appSync'],
  ),
  'serverless-appsync-simulator': dropped('fx has no AppSync', 'nothing', ['appsync-simulator']),
  'serverless-secrets-plugin': changed(
    'fx reads secrets from SSM or Secrets Manager when a function starts',
    'write secrets: {NAME: ssm:/path}',
    ['secrets'],
  ),
  'serverless-kms-secrets': changed(
    'fx reads secrets from SSM or Secrets Manager when a function starts',
    'write secrets: {NAME: ssm:/path}',
    ['kmsSecrets'],
  ),
  'serverless-crypt': changed(
    'fx reads secrets from SSM or Secrets Manager when a function starts',
    'write secrets: {NAME: ssm:/path}',
    ['crypt'],
  ),
  'serverless-plugin-existing-s3': changed(
    'fx adds events to buckets that exist already',
    'write s3: {bucket: NAME, rule: true}',
  ),
  'serverless-plugin-lambda-dead-letter': changed('fx has deadLetterQueue', 'write deadLetterQueue for a function'),
  'serverless-plugin-datadog': dropped(
    'fx adds no extension of Datadog',
    'add their layer under layers, and their variables',
    ['datadog'],
  ),
  'serverless-newrelic-lambda-layers': dropped('fx adds no extension of New Relic', 'add their layer under layers', [
    'newRelic',
  ]),
  'serverless-sentry': dropped('fx adds no Sentry', 'initialize it in the handler', ['sentry']),
  'serverless-plugin-git-variables': builtIn('fx has ${git.sha} and ${git.branch}'),
  'serverless-vpc-plugin': dropped('fx makes no VPC', 'write it under resources', ['vpcConfig']),
  'serverless-vpc-discovery': dropped('fx looks up no VPCs by name', 'write subnetIds and securityGroupIds under vpc', [
    'vpc',
    'vpcDiscovery',
  ]),
  'serverless-create-global-dynamodb-table': dropped(
    'fx makes what resources has',
    'write AWS::DynamoDB::GlobalTable under resources',
  ),
  'serverless-dynamodb-autoscaling': dropped(
    'fx adds no scaling to tables',
    'set BillingMode: PAY_PER_REQUEST, or write AWS::ApplicationAutoScaling::… under resources',
    ['capacities'],
  ),
  'serverless-dynamodb-autoscaling-plugin': dropped(
    'fx adds no scaling to tables',
    'set BillingMode: PAY_PER_REQUEST',
    ['capacities'],
  ),
  'serverless-deployment-bucket': builtIn('fx makes its bucket itself', ['deploymentBucket']),
  'serverless-ssm-fetch': changed('fx reads secrets when a function starts', 'write secrets: {NAME: ssm:/path}', [
    'serverlessSsmFetch',
  ]),
  'serverless-mocha-plugin': builtIn('run your tests with their own command', ['serverless-mocha-plugin']),
  'serverless-jest-plugin': builtIn('run your tests with their own command', ['jest']),
  'serverless-plugin-simulate': builtIn(local),
  'serverless-alexa-skills': dropped('fx deploys no skills', 'use the ASK CLI for them', ['alexa']),
  'serverless-cloudside-plugin': builtIn('fx exec gives a local command the variables of a deployed function'),
  'serverless-aws-alias': builtIn('fx points an alias at each release'),
  'serverless-latest-layer-version': dropped('fx looks up no latest version of a layer', 'name the version in its ARN'),
  'serverless-provisioned-concurrency-autoscaling': dropped(
    'fx does not scale provisioned concurrency',
    'write AWS::ApplicationAutoScaling::… under resources',
  ),
};

/** Converts and reports each plugin. Returns the keys of `custom` that belong to one. */
export async function convertPlugins(service: Service, list: Cursor | undefined): Promise<ReadonlySet<string>> {
  const { draft } = service;
  const keys = new Set<string>();
  const items = list?.isMap === true ? (list.child('modules')?.items() ?? []) : (list?.items() ?? []);
  list?.child('localPath')?.plain();
  const listed = new Set(items.map((item) => item.text()));
  for (const name of builtInSinceV4) {
    if (!listed.has(name)) await settingsOf(service, name, keys);
  }
  for (const item of items) {
    const name = item.text() ?? '';
    const plugin = Object.hasOwn(plugins, name) ? plugins[name] : undefined;
    if (plugin === undefined) {
      const isOwn = /^[./]/.test(name);
      draft.dropped(placeOf(item), `the plugin ${name} is not carried over`, {
        remedy: isOwn
          ? 'write what it does as a plugin of fx, under hooks, or under resources'
          : 'see docs/guide/plugins.md, or write what it makes under resources',
        beside: ['name'],
      });
      continue;
    }
    const told = plugin.remedy === undefined ? {} : { remedy: plugin.remedy };
    const message = `${name}: ${plugin.message}`;
    if (plugin.kind === 'carried') draft.carried(placeOf(item), message);
    else if (plugin.kind === 'changed') draft.changed(placeOf(item), message, told);
    else draft.dropped(placeOf(item), message, { ...told, beside: ['name'] });
    await settingsOf(service, name, keys);
    for (const key of plugin.top ?? []) {
      if (plugin.kind !== 'dropped') continue;
      const settings = service.root.child(key);
      settings?.plain();
      if (settings !== undefined) draft.dropped(placeOf(settings), `${key} is not carried over`, { ...told });
    }
  }
  return keys;
}

/** Plugins whose settings version 4 reads itself. */
const builtInSinceV4 = [
  'serverless-python-requirements',
  'serverless-prune-plugin',
  'serverless-plugin-aws-alerts',
  'serverless-domain-manager',
];

/** Converts what a plugin has under `custom`. */
async function settingsOf(service: Service, name: string, keys: Set<string>): Promise<void> {
  const { draft } = service;
  const plugin = plugins[name];
  if (plugin === undefined) return;
  const told = plugin.remedy === undefined ? {} : { remedy: plugin.remedy };
  for (const key of plugin.custom ?? []) {
    keys.add(key);
    const settings = await service.custom(key);
    if (settings === undefined) continue;
    if (plugin.convert === undefined) {
      settings.plain();
      if (plugin.kind === 'carried')
        draft.changed(placeOf(settings), `the settings of ${name} have no place: ${plugin.message}`);
      else
        draft.dropped(placeOf(settings), `the settings of ${name} are not carried over`, {
          ...told,
          beside: ['name'],
        });
    } else {
      plugin.convert(service, settings);
      for (const { path, at } of unreadIn(settings.value, settings.path, settings.reading)) {
        draft.dropped({ path, at }, `fx has nothing for this setting of ${name}`, {
          remedy: 'nothing, if the default is fine',
        });
      }
    }
  }
}

/** `build` of version 4: its own esbuild, with the settings of the plugin. */
export function convertBuild(service: Service, build: Cursor): void {
  const settings = build.child('esbuild');
  if (settings?.isMap !== true) build.plain();
  else esbuild(service, settings);
  service.draft.carried(placeOf(build), bundles);
}

function esbuild({ draft }: Service, settings: Cursor): void {
  if (!settings.isMap) return;
  const external = settings.child('external')?.plain();
  const list = Array.isArray(external)
    ? external.filter((name) => typeof name === 'string' && !/^@?aws-sdk/.test(name))
    : [];
  if (list.length > 0) draft.set(['defaults', 'external'], list, placeOf(settings));
  if (settings.child('minify')?.flag() === true) draft.set(['defaults', 'minify'], true, placeOf(settings));
  // what fx decides, and what only development needs
  const own = ['bundle', 'sourcemap', 'target', 'platform', 'concurrency', 'exclude', 'packager', 'watch', 'format'];
  for (const key of [...own, 'outExtension', 'outputFileExtension', 'buildConcurrency', 'sourcesContent'])
    settings.child(key)?.plain();
  const known = new Set([...own, 'outExtension', 'outputFileExtension', 'buildConcurrency', 'sourcesContent']);
  const more = settings.keys().filter((key) => key !== 'external' && key !== 'minify' && !known.has(key));
  for (const key of more) settings.child(key)?.plain();
  if (more.length > 0) {
    draft.changed(placeOf(settings), `options of esbuild: ${more.join(', ')}`, {
      remedy: 'if the bundle needs them, write bundle: {config: esbuild.config.mjs}',
    });
  }
}

function binaryTypes({ draft }: Service, settings: Cursor): void {
  const types = settings.child('types');
  if (types !== undefined) draft.set(['rest', 'binaryTypes'], types.plain(), placeOf(types));
}

function prune({ draft }: Service, settings: Cursor): void {
  settings.child('automatic')?.plain();
  const number = settings.child('number')?.number();
  if (number !== undefined && number >= 2) draft.set(['keep'], number, placeOf(settings));
}

function retention({ draft }: Service, settings: Cursor): void {
  const days = settings.number();
  if (days !== undefined) draft.set(['defaults', 'logging', 'retentionInDays'], days, placeOf(settings));
}
