// What the functions know of HTTP.
export interface Request {
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
  readonly pathParameters?: Readonly<Record<string, string>>;
}

export const json = (statusCode: number, body: object) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

export const bodyOf = ({ body = '', isBase64Encoded }: Request): string =>
  isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body;
