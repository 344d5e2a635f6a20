// Reserved concurrency of functions, and the account's totals.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
import { AwsError, type Operations } from '../cloud.ts';
import type { LambdaContext } from './context.ts';
import { accountConcurrency, unreservedMinimum } from './limits.ts';
import { existingFunction, readReference } from './names.ts';

export function concurrencyOperations({ cloud, functions }: LambdaContext): Operations<'lambda'> {
  const existing = (input: { FunctionName: string | undefined }) =>
    existingFunction(cloud, functions, readReference(cloud, input.FunctionName));
  return {
    PutFunctionConcurrency: {
      members: ['FunctionName', 'ReservedConcurrentExecutions'],
      run(input) {
        const fn = existing(input);
        const reserved = input.ReservedConcurrentExecutions ?? 0;
        const others = functions.filter(({ name }) => name !== fn.name);
        const taken = others.reduce((sum, other) => sum + (other.reservedConcurrency ?? 0), 0);
        if (accountConcurrency - taken - reserved < unreservedMinimum) {
          throw new AwsError(
            'InvalidParameterValueException',
            `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${unreservedMinimum}].`,
          );
        }
        functions.set(fn.name, { ...fn, reservedConcurrency: reserved });
        return { ReservedConcurrentExecutions: reserved };
      },
    },
    GetFunctionConcurrency: {
      members: ['FunctionName'],
      run(input) {
        const { reservedConcurrency } = existing(input);
        return reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency };
      },
    },
    DeleteFunctionConcurrency: {
      members: ['FunctionName'],
      run(input) {
        const { reservedConcurrency: _, ...fn } = existing(input);
        functions.set(fn.name, fn);
        return {};
      },
    },

    GetAccountSettings: {
      members: [],
      run() {
        const all = [...functions.values()];
        const reserved = all.reduce((sum, fn) => sum + (fn.reservedConcurrency ?? 0), 0);
        const versions = all.flatMap((fn) => [fn.latest, ...Object.values(fn.versions)]);
        return {
          AccountLimit: {
            TotalCodeSize: 80_530_636_800,
            CodeSizeUnzipped: 262_144_000,
            CodeSizeZipped: 52_428_800,
            ConcurrentExecutions: accountConcurrency,
            UnreservedConcurrentExecutions: accountConcurrency - reserved,
          },
          AccountUsage: {
            TotalCodeSize: versions.reduce((sum, { code }) => sum + code.size, 0),
            FunctionCount: all.length,
          },
        };
      },
    },
  };
}
