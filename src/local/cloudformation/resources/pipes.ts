// AWS::Pipes: pipes.
import type { Cloud, Input } from '../../cloud.ts';
import type { Properties } from '../stack.ts';
import { HandlerError, type Providers, type Provisioned } from './provider.ts';
import { pause, pick, tagChanges, tagMap } from './values.ts';

const settings = [
  ...['Description', 'DesiredState', 'Enrichment', 'EnrichmentParameters', 'RoleArn', 'SourceParameters', 'Target'],
  'TargetParameters',
];

async function settled(cloud: Cloud, Name: string, signal: AbortSignal): Promise<Provisioned> {
  for (;;) {
    const pipe = await cloud.call('pipes', 'DescribePipe', { Name });
    const { Arn, CurrentState = '', StateReason } = pipe;
    if (CurrentState.endsWith('FAILED')) throw new HandlerError('GeneralServiceException', StateReason ?? CurrentState);
    if (CurrentState === 'RUNNING' || CurrentState === 'STOPPED') {
      const times = {
        CreationTime: pipe.CreationTime?.toISOString(),
        LastModifiedTime: pipe.LastModifiedTime?.toISOString(),
      };
      return { physicalId: Name, attributes: { Arn, CurrentState, StateReason: StateReason ?? '', ...times } };
    }
    await pause(signal);
  }
}

/** What an update leaves out has its default again. */
function replaced(before: Properties, after: Properties): Record<string, unknown> {
  const gone = settings.filter((name) => Object.hasOwn(before, name) && !Object.hasOwn(after, name));
  const empty = (name: string) => (name.endsWith('Parameters') ? {} : name === 'DesiredState' ? 'RUNNING' : '');
  return { ...Object.fromEntries(gone.map((name) => [name, empty(name)])), ...pick(after, settings) };
}

export const pipesProviders: Providers = {
  'AWS::Pipes::Pipe': {
    service: 'Pipes',
    properties: ['Name', 'Source', 'Tags', ...settings],
    name: { property: 'Name', limit: 64 },
    async create({ cloud, name: Name, properties, signal, initiated }) {
      const input = { Name, ...pick(properties, ['Source', ...settings]), Tags: tagMap(properties) };
      await cloud.call('pipes', 'CreatePipe', input as unknown as Input<'pipes', 'CreatePipe'>);
      initiated(Name);
      return settled(cloud, Name, signal);
    },
    async update({ cloud, physicalId: Name, before, after, signal }) {
      const input = { Name, ...replaced(before, after) } as unknown as Input<'pipes', 'UpdatePipe'>;
      await cloud.call('pipes', 'UpdatePipe', input);
      const made = await settled(cloud, Name, signal);
      const resourceArn = String(made.attributes['Arn']);
      const { remove, set } = tagChanges(before, after);
      if (remove.length > 0) await cloud.call('pipes', 'UntagResource', { resourceArn, tagKeys: remove });
      if (Object.keys(set).length > 0) await cloud.call('pipes', 'TagResource', { resourceArn, tags: set });
      return made;
    },
    async delete({ cloud, physicalId: Name }) {
      await cloud.call('pipes', 'DeletePipe', { Name });
    },
  },
};
