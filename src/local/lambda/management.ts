// Settings that are not part of a version and have no effect here: runtime updates and recursive loops. Recorded.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-update.html
import { AwsError, type Operations } from '../cloud.ts';
import { checkConstraints } from '../constraint.ts';
import type { LambdaContext } from './context.ts';
import { existingFunction, existingVersion, functionArn, readReference } from './names.ts';
import type { RuntimeManagement } from './state.ts';

export function managementOperations({ cloud, functions }: LambdaContext): Operations<'lambda'> {
  const find = (input: { FunctionName: string | undefined; Qualifier?: string | undefined }) => {
    const reference = readReference(cloud, input.FunctionName, input.Qualifier);
    const fn = existingFunction(cloud, functions, reference);
    existingVersion(cloud, functions, reference);
    return { fn, reference: { name: fn.name, qualifier: reference.qualifier || '$LATEST' } };
  };
  const describe = (reference: { name: string; qualifier: string }, config: RuntimeManagement) => ({
    FunctionArn: functionArn(cloud, reference),
    UpdateRuntimeOn: config.updateRuntimeOn,
    ...(config.runtimeVersionArn === undefined ? {} : { RuntimeVersionArn: config.runtimeVersionArn }),
  });
  return {
    PutRuntimeManagementConfig: {
      members: ['FunctionName', 'UpdateRuntimeOn', 'Qualifier', 'RuntimeVersionArn'],
      run(input) {
        const { UpdateRuntimeOn, RuntimeVersionArn } = input;
        checkConstraints('ValidationException', [
          ['updateRuntimeOn', UpdateRuntimeOn, { oneOf: ['Auto', 'Manual', 'FunctionUpdate'] }],
          [
            'runtimeVersionArn',
            RuntimeVersionArn,
            { pattern: 'arn:aws[a-zA-Z-]*:lambda:[^:]+::runtime:.+', min: 26, max: 2048 },
          ],
        ]);
        // https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html
        if ((UpdateRuntimeOn === 'Manual') !== (RuntimeVersionArn !== undefined)) {
          throw new AwsError(
            'InvalidParameterValueException',
            'RuntimeVersionArn is required for the runtime update mode Manual, and only for that.',
            400,
            { Type: 'User' },
          );
        }
        const { fn, reference } = find(input);
        const config: RuntimeManagement = {
          updateRuntimeOn: UpdateRuntimeOn ?? 'Auto',
          ...(RuntimeVersionArn === undefined ? {} : { runtimeVersionArn: RuntimeVersionArn }),
        };
        const runtimeManagement = { ...fn.runtimeManagement, [reference.qualifier]: config };
        functions.set(fn.name, { ...fn, runtimeManagement });
        return describe(reference, config);
      },
    },
    GetRuntimeManagementConfig: {
      members: ['FunctionName', 'Qualifier'],
      run(input) {
        const { fn, reference } = find(input);
        return describe(reference, fn.runtimeManagement?.[reference.qualifier] ?? { updateRuntimeOn: 'Auto' });
      },
    },
    PutFunctionRecursionConfig: {
      members: ['FunctionName', 'RecursiveLoop'],
      run(input) {
        checkConstraints('ValidationException', [
          ['recursiveLoop', input.RecursiveLoop, { oneOf: ['Terminate', 'Allow'] }],
        ]);
        const { fn } = find(input);
        const recursiveLoop = input.RecursiveLoop ?? 'Terminate';
        functions.set(fn.name, { ...fn, recursiveLoop });
        return { RecursiveLoop: recursiveLoop };
      },
    },
    GetFunctionRecursionConfig: {
      members: ['FunctionName'],
      run: (input) => ({ RecursiveLoop: find(input).fn.recursiveLoop ?? 'Terminate' }),
    },
  };
}
