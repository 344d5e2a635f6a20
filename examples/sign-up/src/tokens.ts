// Adds a claim to the identity and the access token.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
interface PreTokenGeneration {
  readonly request: { readonly userAttributes: { readonly email?: string } };
}

export const handler = async (event: PreTokenGeneration) => {
  const claimsToAddOrOverride = { team: event.request.userAttributes.email?.split('@')[1] };
  const added = { claimsToAddOrOverride };
  const response = { claimsAndScopeOverrideDetails: { idTokenGeneration: added, accessTokenGeneration: added } };
  return { ...event, response };
};
