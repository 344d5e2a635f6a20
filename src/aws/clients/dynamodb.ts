// The part of the DynamoDB client that fx calls.
export { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
