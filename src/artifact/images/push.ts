// Pushes built images to a registry.
import { FxError } from '../../base/error.ts';
import { runEngine } from '../../runtimes/container-engine.ts';
import { type Login, RegistrySession } from '../../runtimes/container-registry.ts';
import { type ToolResult, toolProblem } from '../../runtimes/tool.ts';
import { quoted, requireEngine } from './build.ts';
import type { BuiltImage } from './image.ts';

export interface PushOptions {
  readonly login: Login;
  readonly repository: string;
  readonly signal: AbortSignal;
  /** Whether the repository has the tag by now: another deploy may have pushed the same inputs. */
  present(tag: string): Promise<boolean>;
  pushed(image: BuiltImage): void;
}

/** Throws AWS_REFUSED, with the end of the engine's output. */
export async function pushImages(images: readonly BuiltImage[], options: PushOptions): Promise<void> {
  const { login, repository, signal } = options;
  const engine = await requireEngine(
    images.map(({ image }) => image),
    signal,
  );
  const session = new RegistrySession(engine, login, signal);
  const call = (...args: readonly string[]) => runEngine(engine, { args, folder: '.', signal });
  try {
    must(`${engine.name} login to ${session.host}`, await session.login());
    for (const built of images) {
      const { localName, tag, functions } = built.image;
      const remote = `${session.host}/${repository}:${tag}`;
      const what = `${engine.name} push of the image of ${quoted(functions)}`;
      must(what, await call('tag', localName, remote));
      const pushed = await session.push(remote);
      // only the second name: the first one stays
      await call('image', 'rm', remote);
      if (pushed.exitCode !== 0 && !(await options.present(tag))) must(what, pushed);
      options.pushed(built);
    }
  } finally {
    await session.end();
  }
}

function must(what: string, result: ToolResult): void {
  if (result.exitCode === 0) return;
  const nowhere = { file: '', line: 1, column: 1, length: 1 };
  const { message, hint } = toolProblem(what, result, nowhere);
  throw new FxError('AWS_REFUSED', message, hint === undefined ? {} : { hint });
}
