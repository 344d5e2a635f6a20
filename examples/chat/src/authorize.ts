// Lets in whoever has a name.
interface Handshake {
  readonly methodArn: string;
  readonly queryStringParameters: { readonly name: string };
}

export const handler = async ({ methodArn, queryStringParameters: { name } }: Handshake) => ({
  principalId: name,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: name === 'nobody' ? 'Deny' : 'Allow', Resource: methodArn }],
  },
});
