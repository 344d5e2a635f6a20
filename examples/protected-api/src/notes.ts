// Notes of the caller, whom the API has checked already.
interface Event {
  readonly routeKey: string;
  readonly requestContext: {
    readonly authorizer?: {
      readonly lambda?: { readonly user: string };
      readonly iam?: { readonly userArn: string };
    };
  };
}

export const handler = async ({ routeKey, requestContext: { authorizer } }: Event) => {
  if (routeKey === 'GET /status') return { status: 'up' };
  if (routeKey === 'DELETE /notes') return { deletedBy: authorizer?.iam?.userArn };
  return { notesOf: authorizer?.lambda?.user };
};
