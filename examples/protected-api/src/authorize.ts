// Says who may call: one question for each token in five minutes.
interface Question {
  readonly headers: Readonly<Record<string, string | undefined>>;
}

export const handler = async ({ headers }: Question) => {
  const token = headers.authorization?.replace(/^Bearer /, '');
  const known = (process.env.TOKENS ?? '').split(',').map((pair) => pair.split(':'));
  const [user] = known.find(([, secret]) => secret === token) ?? [];
  return user === undefined ? { isAuthorized: false } : { isAuthorized: true, context: { user } };
};
