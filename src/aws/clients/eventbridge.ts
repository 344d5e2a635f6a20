// The part of the EventBridge client that fx calls.
export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
