// What the handlers use of a load balancer's events and answers.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

export interface AlbEvent {
  readonly httpMethod: string;
  readonly path: string;
  /** Not decoded. Absent with multiValueHeaders, as headers are. */
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** A body as text, whatever its type. */
export const textOf = ({ body, isBase64Encoded }: AlbEvent): string =>
  isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;

export const json = (statusCode: number, value: unknown) => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});
