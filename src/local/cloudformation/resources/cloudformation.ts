// AWS::CloudFormation: nested stacks, and WaitConditionHandle: only an address, where nothing listens.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-waitconditionhandle.html
import { randomUUID } from 'node:crypto';
import { nestedStack } from './nested-stack.ts';
import type { Providers } from './provider.ts';

export const cloudFormationProviders: Providers = {
  'AWS::CloudFormation::Stack': nestedStack,

  'AWS::CloudFormation::WaitConditionHandle': {
    service: 'CloudFormation',
    properties: [],
    async create({ cloud, stackId, logicalId }) {
      const host = `cloudformation-waitcondition-${cloud.region}.s3.amazonaws.com`;
      const url = `https://${host}/${encodeURIComponent(`${stackId}/${logicalId}/${randomUUID()}`)}`;
      return { physicalId: url, attributes: { Id: url } };
    },
    async update({ physicalId }) {
      return { physicalId, attributes: { Id: physicalId } };
    },
    async delete() {},
  },
};
