// The Node.js runtimes that Lambda still creates, newest first.
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
export const nodejsIdentifiers = ['nodejs24.x', 'nodejs22.x', 'nodejs20.x'] as const;
