interface Event {
  readonly pathParameters?: { readonly name?: string };
}

export const handler = async (event: Event) => {
  console.log('saying hello');
  return {
    message: `hello ${event.pathParameters?.name ?? 'nobody'}`,
    version: process.env['AWS_LAMBDA_FUNCTION_VERSION'],
  };
};
