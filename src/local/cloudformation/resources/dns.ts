// AWS::CertificateManager::Certificate and AWS::Route53::RecordSet. The local AWS has neither certificates nor DNS, so they exist in
// their stack only: a domain answers at its name with .localhost after it.
import { randomUUID } from 'node:crypto';
import { HandlerError, type Providers } from './provider.ts';
import { text } from './values.ts';

export const dnsProviders: Providers = {
  'AWS::CertificateManager::Certificate': {
    service: 'CertificateManager',
    properties: [
      'CertificateTransparencyLoggingPreference',
      'DomainName',
      'DomainValidationOptions',
      'KeyAlgorithm',
      'SubjectAlternativeNames',
      'Tags',
      'ValidationMethod',
    ],
    async create({ cloud, properties }) {
      // without DNS validation, AWS sends mail and the stack waits for somebody to answer it
      if (properties['ValidationMethod'] !== 'DNS') {
        throw new HandlerError('NotStabilized', 'The fx local AWS cannot validate a certificate by e-mail.');
      }
      const arn = `arn:aws:acm:${cloud.region}:${cloud.accountId}:certificate/${randomUUID()}`;
      return { physicalId: arn, attributes: {} };
    },
    update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
    delete: async () => undefined,
  },

  'AWS::Route53::RecordSet': {
    service: 'Route53',
    properties: ['AliasTarget', 'Comment', 'HostedZoneId', 'HostedZoneName', 'Name', 'ResourceRecords', 'TTL', 'Type'],
    create: async ({ properties }) => ({ physicalId: text(properties, 'Name') ?? '', attributes: {} }),
    update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
    delete: async () => undefined,
  },
};
