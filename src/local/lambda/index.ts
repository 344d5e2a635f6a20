// AWS Lambda: puts the operations together and owns what lives while the service runs.
// https://docs.aws.amazon.com/lambda/latest/api/welcome.html
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cloud, Service } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { EventSourceMappings } from './event-source-mapping.ts';
import { functionOperations } from './functions.ts';
import { AsyncInvocations, invoke } from './invoke.ts';
import { layerOperations } from './layers.ts';
import { permissionOperations } from './permissions.ts';
import { EnvironmentPool } from './pool.ts';
import { Settling } from './settling.ts';
import type { LambdaFunction } from './state.ts';
import { tagOperations } from './tags.ts';
import { versionOperations } from './versions.ts';

export function createLambda(cloud: Cloud): Service<'lambda'> {
  const functions = cloud.collection<LambdaFunction>('lambda.functions');
  const pool = new EnvironmentPool(cloud);
  const settling = new Settling(functions);
  const events = new AsyncInvocations();
  const context: LambdaContext = {
    cloud,
    functions,
    mappings: cloud.collection('lambda.event-source-mappings'),
    pool,
    settle: (name) => settling.begin(name),
  };
  const mappings = new EventSourceMappings(context);
  return {
    name: 'lambda',
    operations: {
      ...functionOperations(context),
      ...versionOperations(context),
      ...permissionOperations(context),
      ...tagOperations(context),
      ...layerOperations(cloud),
      ...mappings.operations(),
      Invoke: (input, request) => invoke(context, events, input, request),
    },
    async start() {
      await mkdir(join(cloud.directory, 'lambda', 'home'), { recursive: true });
      settling.finishAll();
      mappings.start();
    },
    async stop() {
      settling.stop();
      // Functions that still run are ended, which lets the event invocations that wait for them end too.
      await Promise.all([mappings.stop(), events.stop(), pool.stop()]);
    },
  };
}
