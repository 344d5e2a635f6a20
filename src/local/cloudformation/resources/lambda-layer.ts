// AWS::Lambda::LayerVersion.
import type { Input } from '../../cloud.ts';
import type { Providers } from './provider.ts';
import { pick, text } from './values.ts';

const described = ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo'];
const nameLimit = 140;

export const layerProviders: Providers = {
  'AWS::Lambda::LayerVersion': {
    service: 'Lambda',
    // No name rule: two versions of one layer have its name, so a replacement may keep it.
    properties: [...described, 'Content', 'LayerName'],
    async create({ cloud, name, properties }) {
      const { LayerVersionArn = '' } = await cloud.call('lambda', 'PublishLayerVersion', {
        ...pick(properties, described),
        LayerName: text(properties, 'LayerName') ?? name.slice(-nameLimit),
        Content: properties['Content'] as Input<'lambda', 'PublishLayerVersion'>['Content'],
      });
      return { physicalId: LayerVersionArn, attributes: { LayerVersionArn } };
    },
    async delete({ cloud, physicalId }) {
      const [, , , , , , LayerName, version] = physicalId.split(':');
      await cloud.call('lambda', 'DeleteLayerVersion', { LayerName, VersionNumber: Number(version) });
    },
  },
};
