// Builds images with Docker or Podman, unless the engine has them: one folder with the inputs goes in, one named image comes out.
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FxError, type Problem } from '../../base/error.ts';
import type { Reporter } from '../../base/report.ts';
import { type Engine, findEngine, isEngine, platformOf, runEngine } from '../../runtimes/container-engine.ts';
import { plain, type ToolResult, toolProblem } from '../../runtimes/tool.ts';
import { stage } from './context.ts';
import type { BuiltImage, Image } from './image.ts';

export interface ImageBuildOptions {
  /** The project's folder. */
  readonly folder: string;
  readonly report: Reporter;
  readonly signal: AbortSignal;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 10 GB uncompressed. */
const largestBytes = 10 * 2 ** 30;

/** Throws BUILD_FAILED: at the `build` of every image if there is no engine, else at the one that failed. */
export async function buildImages(
  images: readonly Image[],
  options: ImageBuildOptions,
): Promise<readonly BuiltImage[]> {
  if (images.length === 0) return [];
  const engine = await requireEngine(images, options.signal);
  const built: BuiltImage[] = [];
  for (const image of images) {
    const had = await inspect(engine, image, options);
    const bytes = (had ?? (await buildOne(engine, image, options))).bytes;
    for (const functionName of image.functions)
      options.report({ kind: 'built', functionName, bytes, key: image.key, cached: had !== undefined });
    built.push({ image, bytes });
  }
  return built;
}

export async function requireEngine(images: readonly Image[], signal: AbortSignal): Promise<Engine> {
  const engine = await findEngine(signal);
  if (isEngine(engine)) return engine;
  throw new FxError('BUILD_FAILED', 'an image needs Docker or Podman', {
    problems: images.map(({ at, functions }) => ({
      at,
      message: `the image of ${quoted(functions)} cannot be built: ${engine.message}`,
      hint: engine.hint,
    })),
  });
}

export const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

interface Inspected {
  readonly bytes: number;
  readonly architecture: string;
}

async function inspect(
  engine: Engine,
  { localName }: Image,
  { folder, signal }: ImageBuildOptions,
): Promise<Inspected | undefined> {
  const args = ['image', 'inspect', '--format', '{{.Size}} {{.Architecture}}', localName];
  const { exitCode, stdout } = await runEngine(engine, { args, folder, signal });
  const [bytes = '', architecture = ''] = stdout.trim().split(' ');
  return exitCode === 0 && /^\d+$/.test(bytes) ? { bytes: Number(bytes), architecture } : undefined;
}

async function buildOne(engine: Engine, image: Image, options: ImageBuildOptions): Promise<Inspected> {
  const { folder, report, signal } = options;
  const [functionName = ''] = image.functions;
  const name = `${engine.name} build for ${platformOf(image.architecture)}`;
  report({ kind: 'building', functionName, text: name });
  // inside the project: a Docker that is a snap cannot read /tmp
  const staged = join(folder, '.fx', 'cache', 'images', image.key);
  try {
    await rm(staged, { recursive: true, force: true });
    await mkdir(staged, { recursive: true });
    await copyFile(image.dockerfile, join(staged, 'Dockerfile'));
    await stage(image.context, join(staged, 'context'));
    const args = buildArguments(engine, image, staged);
    const result = await runEngine(engine, { args, folder, signal });
    if (result.exitCode !== 0) throw failed([buildProblem(engine, image, result)]);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  const built = await inspect(engine, image, options);
  if (built === undefined) {
    const message = `${engine.name} built the image but does not have it: ${image.localName}`;
    throw failed([{ at: image.at, message, hint: 'does `options` send it elsewhere?' }]);
  }
  check(image, built);
  return built;
}

function failed(problems: readonly Problem[]): FxError {
  return new FxError('BUILD_FAILED', 'the build failed', { problems });
}

/** Lambda rejects an index of images, which BuildKit makes of an image and its attestations.
 * https://docs.aws.amazon.com/lambda/latest/dg/python-image.html#python-image-instructions
 * https://github.com/aws/aws-lambda-roadmap/issues/82 */
function buildArguments(
  engine: Engine,
  { project, key, localName, architecture, build, baseFolder }: Image,
  staged: string,
): readonly string[] {
  const { target, args = new Map(), secrets = new Map(), cacheFrom = [], cacheTo = [], options = [] } = build;
  const command =
    engine.name === 'podman'
      ? ['build', '--format', 'docker']
      : engine.hasBuildx
        ? ['buildx', 'build', '--load', '--provenance=false', '--sbom=false']
        : ['build'];
  return [
    ...command,
    ...['--platform', platformOf(architecture), '--tag', localName, '--file', join(staged, 'Dockerfile')],
    // Lambda publishes no version for an image that it has: with the key in it, other inputs are always another image
    ...['--label', `fx.project=${project}`, '--label', `fx.key=${key}`],
    ...(target === undefined ? [] : ['--target', target]),
    ...[...args].flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...[...secrets].flatMap(([id, from]) => ['--secret', `id=${id},${secretFrom(from, baseFolder)}`]),
    ...cacheFrom.flatMap((one) => ['--cache-from', one]),
    ...cacheTo.flatMap((one) => ['--cache-to', one]),
    ...options,
    join(staged, 'context'),
  ];
}

function secretFrom(from: string, folder: string): string {
  return from.startsWith('env:') ? `env=${from.slice('env:'.length)}` : `src=${resolve(folder, from)}`;
}

function buildProblem({ name }: Engine, { at, architecture, functions }: Image, result: ToolResult): Problem {
  const problem = toolProblem(`${name} build of ${quoted(functions)}`, result, at);
  if (!/exec format error/i.test(plain(result.output))) return problem;
  const way = `this machine cannot run ${platformOf(architecture)}: set it up (docker run --privileged --rm tonistiigi/binfmt --install all), or change \`architecture\``;
  return { ...problem, hint: `${problem.hint ?? ''}\n${way}` };
}

const engineArchitectures = { arm64: 'arm64', x86_64: 'amd64' } as const;

function check({ at, architecture, functions }: Image, built: Inspected): void {
  const wanted = engineArchitectures[architecture];
  if (built.architecture !== wanted) {
    const message = `the image of ${quoted(functions)} is for ${built.architecture}, the function for ${wanted}`;
    const hint = 'its base image has no variant for the processor, or names one: change it, or `architecture`';
    throw failed([{ at, message, hint }]);
  }
  if (built.bytes <= largestBytes) return;
  const message = `the image of ${quoted(functions)} has ${(built.bytes / 2 ** 30).toFixed(1)} GB; Lambda takes at most 10 GB`;
  throw new FxError('ARTIFACT_TOO_LARGE', message, { problems: [{ at, message }] });
}
