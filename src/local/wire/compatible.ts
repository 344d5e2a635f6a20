// Services that moved from the query protocol to JSON still answer old clients: in the protocol in which they are asked.
// https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
import type { IncomingHttpHeaders } from 'node:http';
import type { ServiceName } from '../cloud.ts';
import type { ServiceModel } from './model.ts';

/** The clients' models no longer have it: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html */
const xmlNamespaces: Partial<Readonly<Record<ServiceName, string>>> = {
  sqs: 'http://queue.amazonaws.com/doc/2012-11-05/',
};

/** The model with the protocol of a request: only a request in JSON names its target in a header. */
export function spokenModel(model: ServiceModel, headers: IncomingHttpHeaders): ServiceModel {
  const xmlNamespace = xmlNamespaces[model.service];
  if (xmlNamespace === undefined || headers['x-amz-target'] !== undefined) return model;
  return { ...model, protocol: 'awsQuery', xmlNamespace };
}

/** The message of an error in the query protocol, where it differs from the one in JSON (recorded in 2026). */
export function queryMessage(code: string, message: string): string {
  return code === 'AWS.SimpleQueueService.NonExistentQueue'
    ? message.replace('does not exist.', 'does not exist for this wsdl version.')
    : message;
}
