// For tests of updates: creates and updates one stack of a rig, and reads what came of it.
import { expect } from 'vitest';
import { type Rig, template } from './test-rig.ts';

/** The calls on the stack `s` of the current rig. */
export function updatesOf(current: () => Rig) {
  return {
    /** Creates the stack and forgets the calls so far. Resolves to its id. */
    async created(resources: object, sections: object = {}): Promise<string> {
      const rig = current();
      const { StackId = '' } = await rig.run('CreateStack', {
        StackName: 's',
        TemplateBody: template(resources, sections),
      });
      expect(await rig.status('s')).toBe('CREATE_COMPLETE');
      rig.log.length = 0;
      return StackId;
    },
    update: (resources: object, sections: object = {}, options: object = {}) =>
      current().run('UpdateStack', { StackName: 's', TemplateBody: template(resources, sections), ...options }),
    async physicalId(logicalId: string): Promise<string> {
      const { StackResourceDetail } = await current().call('DescribeStackResource', {
        StackName: 's',
        LogicalResourceId: logicalId,
      });
      return StackResourceDetail?.PhysicalResourceId ?? '';
    },
    /** The events of the last operation. */
    last: () => current().events('s', 'last'),
  };
}
