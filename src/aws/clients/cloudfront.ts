// The part of the CloudFront client that fx calls.
export { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
