// AWS Lambda: combines the operations, and owns what runs as long as the service.
// https://docs.aws.amazon.com/lambda/latest/api/welcome.html
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud, Service } from '../cloud.ts';
import { startInspected } from './ahead.ts';
import { aliasOperations } from './aliases.ts';
import { codeSigningOperations } from './code-signing.ts';
import { concurrencyOperations } from './concurrency.ts';
import { removeLeftovers } from './container.ts';
import type { LambdaContext } from './context.ts';
import { EventInvocations } from './event-invocations.ts';
import { eventInvokeConfigOperations } from './event-invoke-config.ts';
import { functionOperations } from './functions.ts';
import { invoke } from './invoke.ts';
import { invokeWithResponseStream } from './invoke-stream.ts';
import { layerPermissionOperations } from './layer-permissions.ts';
import { layerOperations } from './layers.ts';
import { managementOperations } from './management.ts';
import { EventSourceMappings } from './mapping/index.ts';
import { functionArn, readReference } from './names.ts';
import { permissionOperations } from './permissions.ts';
import { EnvironmentPool } from './pool.ts';
import { provision, provisionedOperations } from './provisioned.ts';
import { Settling } from './settling.ts';
import type { LambdaFunction } from './state.ts';
import { tagOperations } from './tags.ts';
import { reopenUrls, urlOperations } from './url-config.ts';
import { UrlListeners } from './url-listeners.ts';
import { versionOperations } from './versions.ts';

export function createLambda(cloud: Cloud): Service<'lambda'> {
  const functions = cloud.collection<LambdaFunction>('lambda.functions');
  const pool = new EnvironmentPool(cloud);
  const settling = new Settling(cloud, functions);
  const context: LambdaContext = {
    cloud,
    functions,
    mappings: cloud.collection('lambda.event-source-mappings'),
    layers: cloud.collection('lambda.layers'),
    codeSigningConfigs: cloud.collection('lambda.code-signing-configs'),
    pool,
    closeUrls: async ({ name, urls = {} }, only) => {
      const qualifiers = Object.keys(urls).filter((qualifier) => qualifier === (only ?? qualifier));
      await Promise.all(qualifiers.map((qualifier) => listeners.close({ name, qualifier })));
    },
    settle: (name) => settling.begin(name),
  };
  const listeners = new UrlListeners(context);
  const events = new EventInvocations(context);
  const mappings = new EventSourceMappings(context);
  return {
    name: 'lambda',
    operations: {
      ...functionOperations(context),
      ...codeSigningOperations(context),
      ...concurrencyOperations(context),
      ...versionOperations(context),
      ...aliasOperations(context),
      ...permissionOperations(context),
      ...tagOperations(context),
      ...eventInvokeConfigOperations(context),
      ...layerOperations(context),
      ...layerPermissionOperations(context),
      ...managementOperations(context),
      ...urlOperations(context, listeners),
      ...provisionedOperations(context),
      ...mappings.operations(),
      Invoke: {
        members: ['FunctionName', 'InvocationType', 'LogType', 'ClientContext', 'Payload', 'Qualifier'],
        authorize: {
          action: 'lambda:InvokeFunction',
          resource: ({ FunctionName, Qualifier }) => functionArn(cloud, readReference(cloud, FunctionName, Qualifier)),
        },
        run: (input, request) => invoke(context, events, input, request),
      },
      InvokeWithResponseStream: {
        members: ['FunctionName', 'InvocationType', 'ClientContext', 'Payload', 'Qualifier'],
        authorize: {
          action: 'lambda:InvokeFunction',
          resource: ({ FunctionName, Qualifier }) => functionArn(cloud, readReference(cloud, FunctionName, Qualifier)),
        },
        run: (input, request) => invokeWithResponseStream(context, input, request),
      },
    },
    async start() {
      await mkdir(join(cloud.codeDirectory, 'lambda', 'home'), { recursive: true });
      // Node's search for a package's type ends here: that of a folder above does not apply to functions.
      await writeFile(join(cloud.codeDirectory, 'lambda', 'package.json'), '{}\n');
      // where earlier versions of fx unpacked code
      await rm(join(cloud.directory, 'lambda'), { recursive: true, force: true });
      settling.finishAll();
      cloud.following.onWishes((name) => {
        if (functions.has(name)) void pool.retire(name).then(() => startInspected(context, name));
      });
      const hasImages = [...functions.values()].some(({ latest }) => latest.settings.image !== undefined);
      if (hasImages) await removeLeftovers(cloud);
      mappings.start();
      await reopenUrls(context, listeners);
      for (const name of functions.keys()) provision(context, name);
    },
    async stop() {
      settling.stop();
      // Functions that still run are ended, so that the event invocations waiting for them end too.
      await Promise.all([listeners.closeAll(), mappings.stop(), events.stop(), pool.stop()]);
    },
  };
}
