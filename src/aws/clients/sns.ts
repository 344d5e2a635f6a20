// The part of the SNS client that fx calls.
export { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
