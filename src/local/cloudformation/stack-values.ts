// The current values of a stack's resources: the physical ids and attributes that templates refer to.
import { EngineError } from './failure.ts';
import { unknown } from './intrinsics.ts';
import type { ResourceValues } from './model.ts';
import type { Stack } from './stack.ts';

export function presentValues(stack: Stack): ResourceValues {
  return {
    physicalId: (id) => stack.resources[id]?.physicalId ?? unknown,
    attribute: (id, attribute) => {
      const resource = stack.resources[id];
      if (resource?.physicalId === undefined) return unknown;
      const value = resource.attributes[attribute];
      if (value !== undefined) return value;
      throw new EngineError(`The fx local AWS does not know the attribute ${attribute} of ${resource.type} (${id}).`);
    },
  };
}
