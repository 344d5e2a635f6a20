// The tokens of tasks that wait to be told their end: by callbacks and by workers of activities.
// https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token

import { AwsError, type Cloud } from '../cloud.ts';
import { randomBase64 } from '../random.ts';
import { invalidToken } from './names.ts';
import { StateError } from './state-error.ts';

interface Waiting {
  succeed(output: string): void;
  fail(error: StateError): void;
  beat(): void;
}

export class TaskTokens {
  readonly #cloud: Cloud;
  readonly #waiting = new Map<string, Waiting>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  issue(): string {
    return `AQC${randomBase64(96)}`;
  }

  /** The output that is sent with the token, before `heartbeatSeconds` pass without a sign of life. */
  async outputFor(token: string, heartbeatSeconds: number | undefined, signal: AbortSignal): Promise<string> {
    let cancel = () => {};
    try {
      return await new Promise<string>((resolve, reject) => {
        const beat = () => {
          cancel();
          if (heartbeatSeconds === undefined) return;
          cancel = this.#cloud.after(heartbeatSeconds * 1000, () => reject(new StateError('States.Timeout')));
        };
        this.#waiting.set(token, { succeed: resolve, fail: reject, beat });
        signal.addEventListener('abort', () => this.#waiting.delete(token), { once: true });
        beat();
      });
    } finally {
      cancel();
      this.#waiting.delete(token);
    }
  }

  succeed(token: string | undefined, output: string): void {
    this.#find(token).succeed(output);
  }

  fail(token: string | undefined, error: string | undefined, cause: string | undefined): void {
    this.#find(token).fail(new StateError(error, cause));
  }

  beat(token: string | undefined): void {
    this.#find(token).beat();
  }

  #find(token = ''): Waiting {
    const waiting = this.#waiting.get(token);
    if (waiting !== undefined) return waiting;
    if (!token.startsWith('AQC')) throw invalidToken();
    throw new AwsError('TaskTimedOut', `Task Timed Out: 'Provided task does not exist anymore'`);
  }
}
