// What tests do to the local AWS beside calling it: save its state, go back to it, move its clock.
import { AwsError } from './cloud.ts';
import type { WireResponse } from './wire/response.ts';

export interface Controls {
  save(): Promise<void>;
  reset(): Promise<void>;
  advance(ms: number): Promise<void>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The body of `advance` is `{"ms": 60000}`. Answers with the time on the clock. */
export async function answerControl(controls: Controls, word: string, body: string): Promise<WireResponse> {
  switch (word) {
    case 'save':
      await controls.save();
      break;
    case 'reset':
      await controls.reset();
      break;
    case 'advance':
      await controls.advance(millisecondsIn(body));
      break;
    default:
      throw new AwsError('NotFound', `the fx local AWS has no control ${JSON.stringify(word)}`, 404);
  }
  const headers = { 'content-type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify({ time: new Date(controls.now()).toISOString() }) };
}

function millisecondsIn(body: string): number {
  let ms: unknown;
  try {
    ({ ms } = JSON.parse(body) as { readonly ms?: unknown });
  } catch {
    ms = undefined;
  }
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms;
  throw new AwsError('ValidationException', 'advance takes {"ms": …}, a number that is not negative');
}
