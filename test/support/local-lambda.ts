// Runs built functions on the local AWS, by the call that CloudFormation makes for a deploy.
import { readFileSync } from 'node:fs';
import type { Artifact } from '../../src/artifact/artifact.ts';
import type { Cloud, Input } from '../../src/local/cloud.ts';
import { startTestAws } from '../../src/local/fixture.ts';
import type { LocalAws } from '../../src/local/host.ts';
import { createRole, type Invoked, invoke, waitUntilReady } from '../../src/local/lambda/fixture.ts';

export type InvokedLocally = Invoked;

/** Started with the first function. */
export function localLambda() {
  let aws: LocalAws | undefined;
  let started: Promise<Cloud> | undefined;
  const start = async () => {
    aws = await startTestAws();
    return aws.cloud();
  };
  return {
    async invoke(
      artifact: Artifact,
      settings: Partial<Input<'lambda', 'CreateFunction'>>,
      event: unknown,
    ): Promise<InvokedLocally> {
      started ??= start();
      const cloud = await started;
      const FunctionName = artifact.name;
      await cloud.call('lambda', 'DeleteFunction', { FunctionName }).catch(() => {});
      await cloud.call('lambda', 'CreateFunction', {
        Role: await createRole(cloud),
        Handler: artifact.code.handler,
        Timeout: 30,
        MemorySize: 512,
        Environment: { Variables: { ...artifact.code.variables } },
        Code: { ZipFile: readFileSync(artifact.zip?.file ?? '') },
        ...settings,
        FunctionName,
      });
      await waitUntilReady(cloud, FunctionName);
      return invoke(cloud, FunctionName, event);
    },
    async stop(): Promise<void> {
      await aws?.stop();
    },
  };
}
