// The commands that install for Lambda's platform: uv if present, otherwise pip, made to evaluate markers for Lambda.
import type { Problem } from '../../base/error.ts';
import type { FunctionSource } from '../runtime.ts';
import type { Architecture } from '../settings.ts';
import { findProgram } from '../tool.ts';
import { isProject } from './local.ts';
import { lambdaMarkers, machineOf } from './markers.ts';
import type { Dependencies } from './requirement.ts';

export interface Installer {
  readonly name: 'uv' | 'pip';
  readonly program: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** Amazon Linux 2023 has glibc 2.34; Amazon Linux 2 (up to Python 3.11) has 2.26.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
export function glibcOf(runtime: string): number {
  return Number(runtime.slice('python3.'.length)) >= 12 ? 34 : 26;
}

/** `python` is the function's own version of Python if this machine has it: source distributions are built by it. */
export function installerFor(
  { runtime, architecture, at, name }: FunctionSource,
  python: string | undefined,
  find: (program: string) => string | undefined = findProgram,
  glibc = glibcOf(runtime),
): Installer | { readonly problem: Problem } {
  const version = runtime.slice('python'.length);
  const uv = find('uv');
  if (uv !== undefined) {
    // https://docs.astral.sh/uv/reference/cli/#uv-pip-install--python-platform
    const platform = `${machineOf[architecture]}-manylinux${glibc >= 34 ? `_2_${glibc}` : '2014'}`;
    const how = ['--python-platform', platform, '--python-version', version, '--no-editable', '--quiet'];
    const by = python === undefined ? [] : ['--python', python];
    return { name: 'uv', program: uv, args: ['pip', 'install', ...how, ...by], variables: uvVariables() };
  }
  const program = python ?? find('python3') ?? find('python');
  if (program === undefined) {
    const message = `the function "${name}" has dependencies, but neither uv nor Python with pip is installed`;
    return { problem: { at, message, hint: 'install one of them; no Docker is needed' } };
  }
  const platforms = platformTags(architecture, glibc).flatMap((tag) => ['--platform', tag]);
  // https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-platform
  const how = ['--implementation', 'cp', '--python-version', version, '--no-compile', '--no-input', '--use-pep517'];
  const quiet = ['--disable-pip-version-check', '--no-warn-script-location', '--root-user-action=ignore'];
  const markers = JSON.stringify(lambdaMarkers(runtime, architecture));
  const args = ['-c', pipForLambda, markers, 'install', ...how, ...platforms, ...quiet];
  // settings for the user's own installs would be refused beside --target
  return { name: 'pip', program, args, variables: { PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' } };
}

/** What would install wheels only for newer systems and other versions of Python: if these find one, the package has compiled code. */
export function probesFor(
  source: FunctionSource,
  python: string | undefined,
): readonly (Installer & { readonly runtime: string })[] {
  return [source.runtime, ...['python3.12', 'python3.9'].filter((runtime) => runtime !== source.runtime)].flatMap(
    (runtime) => {
      const installer = installerFor({ ...source, runtime }, python, findProgram, newestGlibc);
      return 'problem' in installer ? [] : [{ ...installer, runtime }];
    },
  );
}

/** Newer than any that wheels are built for. */
const newestGlibc = 40;

/** pip chooses wheels for another platform, but evaluates markers and Requires-Python for its own
 * (https://github.com/pypa/pip/issues/11664), and then refuses to build anything; fx looks at what was built instead. */
const pipForLambda = `
import json, sys
environment = json.loads(sys.argv.pop(1))
try:
    from pip._vendor.packaging import markers
except ModuleNotFoundError:
    sys.exit("No module named pip")
markers.default_environment = lambda: dict(environment)
from pip._internal.cli import cmdoptions
cmdoptions.check_dist_restriction = lambda *args, **kwargs: None
from pip._internal.cli.req_command import RequirementCommand
make = RequirementCommand.make_resolver.__func__
version = tuple(int(part) for part in environment["python_full_version"].split("."))
RequirementCommand.make_resolver = classmethod(lambda *args, **kwargs: make(*args, **{**kwargs, "py_version_info": version}))
from pip._internal.cli.main import main
sys.exit(main(sys.argv[1:]))
`;

/** uv does not read pip's variables: a machine that is set up for pip works with uv too. */
function uvVariables(): Readonly<Record<string, string>> {
  const env = process.env;
  const pairs = [
    ['PIP_INDEX_URL', ['UV_DEFAULT_INDEX', 'UV_INDEX_URL'], 'UV_DEFAULT_INDEX'],
    ['PIP_EXTRA_INDEX_URL', ['UV_INDEX', 'UV_EXTRA_INDEX_URL'], 'UV_INDEX'],
  ] as const;
  return Object.fromEntries(
    pairs.flatMap(([pip, own, name]) => {
      const value = env[pip];
      return value === undefined || own.some((one) => env[one] !== undefined) ? [] : [[name, value]];
    }),
  );
}

/** What a set of dependencies adds to the command. */
export function listArgs(
  { name }: Installer,
  { entries, isLocked, local }: Dependencies,
  names: readonly string[],
): readonly string[] {
  const isStrict = entries.some(({ text }) => text === '--require-hashes');
  const args = isLocked ? ['--no-deps'] : [];
  if (name === 'pip') return args;
  // uv would take a local project's wheel from its cache as long as pyproject.toml is the same
  const projects = local.filter(isProject).length;
  const refresh = names.length < projects ? ['--refresh'] : names.flatMap((one) => ['--refresh-package', one]);
  // options that uv takes on its command line only
  const options = entries.flatMap(({ text }) => {
    if (text === '--pre') return ['--prerelease', 'allow'];
    const host = /^--trusted-host[ =]+(\S+)$/.exec(text)?.[1];
    return host === undefined ? [] : ['--allow-insecure-host', host];
  });
  return [...args, ...refresh, ...options, ...(isStrict ? ['--require-hashes'] : [])];
}

/** pip needs each tag separately. https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/#manylinux */
function platformTags(architecture: Architecture, glibc: number): readonly string[] {
  const cpu = machineOf[architecture];
  const least = architecture === 'arm64' ? 17 : 5;
  const exact = Array.from({ length: glibc - least + 1 }, (_, index) => `manylinux_2_${glibc - index}_${cpu}`);
  const legacy = architecture === 'arm64' ? ['2014'] : ['2014', '2010', '1'];
  return [...exact, ...legacy.map((name) => `manylinux${name}_${cpu}`)];
}
