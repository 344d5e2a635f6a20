// AWS::Lambda::LayerVersion and ::LayerVersionPermission.
import { randomBytes } from 'node:crypto';
import type { Input } from '../../cloud.ts';
import type { Providers } from './provider.ts';
import { pick, text } from './values.ts';

const described = ['CompatibleArchitectures', 'CompatibleRuntimes', 'Description', 'LicenseInfo'];
const nameLimit = 140;
const statementIdLimit = 100;

export const layerProviders: Providers = {
  'AWS::Lambda::LayerVersion': {
    service: 'Lambda',
    // No name rule: all versions of a layer share its name, so a replacement may keep it.
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
      await cloud.call('lambda', 'DeleteLayerVersion', layerVersion(physicalId));
    },
  },

  'AWS::Lambda::LayerVersionPermission': {
    service: 'Lambda',
    properties: ['Action', 'LayerVersionArn', 'OrganizationId', 'Principal'],
    async create({ cloud, stackName, logicalId, properties }) {
      const arn = text(properties, 'LayerVersionArn') ?? '';
      const StatementId = `${stackName}-${logicalId}-${randomBytes(6).toString('hex')}`.slice(-statementIdLimit);
      await cloud.call('lambda', 'AddLayerVersionPermission', {
        ...layerVersion(arn),
        StatementId,
        Action: text(properties, 'Action'),
        Principal: text(properties, 'Principal'),
        OrganizationId: text(properties, 'OrganizationId'),
      });
      const Id = `${arn}#${StatementId}`;
      return { physicalId: Id, attributes: { Id } };
    },
    async delete({ cloud, physicalId }) {
      const [arn = '', StatementId] = physicalId.split('#');
      await cloud.call('lambda', 'RemoveLayerVersionPermission', { ...layerVersion(arn), StatementId });
    },
  },
};

function layerVersion(arn: string) {
  const parts = arn.split(':');
  return { LayerName: parts[6], VersionNumber: Number(parts[7]) };
}
