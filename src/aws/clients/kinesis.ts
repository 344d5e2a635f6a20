// The part of the Kinesis client that fx calls.

export { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
export { NodeHttpHandler } from '@smithy/node-http-handler';
