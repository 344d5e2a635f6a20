// A stack's outputs, including the exports, which other stacks may import.

import { EngineError } from './failure.ts';
import { resolve } from './intrinsics.ts';
import { activeOutputs, type Model, type ResourceValues } from './model.ts';
import { exportsOf, importers, type Output, type Stack, type Stacks } from './stack.ts';

export function resolveOutputs(model: Model, values: ResourceValues): Output[] {
  const scope = model.scope(values);
  return activeOutputs(model).map(({ key, value, exportName, description }) => {
    const text = resolve(value, scope);
    if (Array.isArray(text)) {
      throw new EngineError(
        'Template format error: The Value field of every Outputs member must evaluate to a String and not a List.',
      );
    }
    if (typeof text === 'object' || text === undefined) {
      throw new EngineError(
        'Template format error: The Value field of every Outputs member must evaluate to a String.',
      );
    }
    const name = exportName === undefined ? undefined : String(resolve(exportName, scope));
    return {
      key,
      value: String(text),
      ...(description === undefined ? {} : { description }),
      ...(name === undefined ? {} : { exportName: name }),
    };
  });
}

/** Checks new exports against those of other stacks, and old ones against their importers. */
export function checkExports(stacks: Stacks, stack: Stack, outputs: readonly Output[]): void {
  const others = exportsOf(stacks).filter((exported) => exported.stack.id !== stack.id);
  for (const { exportName } of outputs) {
    const owner = others.find(({ name }) => name === exportName)?.stack;
    if (owner !== undefined) {
      throw new EngineError(`Export with name ${exportName} is already exported by stack ${owner.name}`);
    }
  }
  for (const old of stack.outputs) {
    if (old.exportName === undefined) continue;
    const current = outputs.find(({ exportName }) => exportName === old.exportName);
    if (current === undefined || current.value !== old.value) {
      refuseInUse(stacks, old.exportName, current === undefined ? 'deleted' : 'updated');
    }
  }
}

/** The reason for which an export must stay as it is: https://github.com/serverless/serverless/issues/3589 */
export function refuseInUse(stacks: Stacks, exportName: string, change: 'deleted' | 'updated'): void {
  const users = importers(stacks, exportName).map(({ name }) => name);
  if (users.length > 0) {
    throw new EngineError(`Export ${exportName} cannot be ${change} as it is in use by ${users.join(', ')}`);
  }
}
