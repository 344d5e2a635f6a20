// Functions in a VPC: zones, and the way out.
import { type Check, settingAt } from './check.ts';

export const network: Check = {
  about: 'functions in a VPC',
  async run(patient) {
    const { project } = patient;
    const endpoints = [...project.resources.values()].some(({ Type }) =>
      ['AWS::EC2::NatGateway', 'AWS::EC2::VPCEndpoint'].includes(Type),
    );
    return project.functions.flatMap(({ name, vpc, permissions }) => {
      if (vpc === undefined) return [];
      const at = settingAt(patient, name, 'vpc');
      const isOneSubnet = Array.isArray(vpc.subnetIds) && vpc.subnetIds.length === 1;
      return [
        ...(isOneSubnet
          ? [
              {
                level: 'warning' as const,
                message: `${name} is in one subnet: it stops when that Availability Zone does`,
                at,
                hint: 'name subnets of two zones',
              },
            ]
          : []),
        ...(permissions.length > 0 && !endpoints
          ? [
              {
                level: 'note' as const,
                message: `${name} calls AWS from a VPC: that works only through a NAT gateway or VPC endpoints, and the project has neither`,
                at,
                hint: 'S3 and DynamoDB have gateway endpoints that cost nothing',
              },
            ]
          : []),
      ];
    });
  },
};
