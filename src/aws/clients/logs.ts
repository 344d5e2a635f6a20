// The part of the CloudWatch Logs client that fx calls.
export { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
