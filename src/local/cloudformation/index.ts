// CloudFormation: stacks of resources, created, updated and rolled back through the other services' APIs.

import { existsSync } from 'node:fs';
import { packagedFile, packagedText } from '../../base/packaged.ts';
import { resourceSchemas } from '../../cfn/resource-schema.ts';
import type { Cloud, Service } from '../cloud.ts';
import { changeSetOperations } from './change-sets.ts';
import { describeOperations } from './describe.ts';
import { driftOperations } from './drift-operations.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { policyOperations } from './policy-operations.ts';
import { providers } from './resources/index.ts';
import type { Providers } from './resources/provider.ts';
import { stackOperations } from './stack-operations.ts';
import { templateOperations } from './template-operations.ts';

export interface CloudFormationOptions {
  /** For tests: called before each step on a resource; if it returns a reason, the step fails with it. */
  readonly failAt?: EngineOptions['failAt'];
  /** For tests: further resource types. */
  readonly providers?: Providers;
}

export interface CloudFormationService extends Service<'cloudformation'> {
  /** Resolves when no operation is in progress on any stack. */
  settled(): Promise<void>;
}

export function createCloudFormation(cloud: Cloud, options: CloudFormationOptions = {}): CloudFormationService {
  const engine = new Engine(cloud, {
    providers: { ...providers, ...options.providers },
    schemas: resourceSchemas(readSchemas),
    failAt: options.failAt ?? (() => undefined),
  });
  return {
    name: 'cloudformation',
    operations: {
      ...stackOperations(cloud, engine),
      ...policyOperations(cloud, engine),
      ...changeSetOperations(cloud, engine),
      ...describeOperations(cloud, engine),
      ...driftOperations(cloud, engine),
      ...templateOperations(cloud, engine),
    },
    async start() {
      engine.resume();
    },
    stop: () => engine.stop(),
    settled: () => engine.settled(),
  };
}

function readSchemas(file: string): string | undefined {
  const text = packagedText(`resource-schemas/${file}`);
  // Every service has a file: if this one is missing, the build has not been run.
  if (text !== undefined || existsSync(packagedFile('resource-schemas/AWS-CloudFormation.json.br'))) return text;
  throw new Error(`${packagedFile('resource-schemas')} is missing: run scripts/extract-resource-schemas.mjs`);
}
