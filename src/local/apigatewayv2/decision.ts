// Whether a request may use a route, and what its event then tells about the caller.
import type { HttpResponse } from '../http-servers.ts';
import { failure } from './response.ts';

/** What the event of an allowed request tells about the caller. */
export type Identity =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'jwt';
      readonly claims: Readonly<Record<string, string>>;
      readonly scopes: readonly string[] | null;
    }
  | { readonly kind: 'lambda'; readonly context: Readonly<Record<string, unknown>>; readonly principalId?: string }
  | { readonly kind: 'iam'; readonly accessKey: string; readonly userArn: string; readonly userId: string };

export type Decision =
  | { readonly allowed: true; readonly identity: Identity }
  | { readonly allowed: false; readonly response: HttpResponse; readonly error: string };

export const unauthorized = failure(401, 'Unauthorized');
export const forbidden = failure(403, 'Forbidden');
