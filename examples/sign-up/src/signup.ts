// Lets the addresses of one domain sign up, and confirms them.
// https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html
interface PreSignUp {
  readonly request: { readonly userAttributes: { readonly email?: string } };
  readonly response: { autoConfirmUser: boolean; autoVerifyEmail: boolean };
}

export const handler = async (event: PreSignUp) => {
  const { email = '' } = event.request.userAttributes;
  if (!email.endsWith(`@${process.env['DOMAIN']}`)) throw new Error('only colleagues may sign up');
  return { ...event, response: { ...event.response, autoConfirmUser: true, autoVerifyEmail: true } };
};
