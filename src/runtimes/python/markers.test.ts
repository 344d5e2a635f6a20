import { describe, expect, test } from 'vitest';
import { holds, lambdaMarkers, satisfies } from './markers.ts';
import { parseRequirement } from './requirement.ts';

const arm = lambdaMarkers('python3.12', 'arm64');

describe('a marker is evaluated for Lambda', () => {
  test.each([
    ['sys_platform == "win32"', false],
    ["sys_platform != 'win32' and platform_machine == 'aarch64'", true],
    ['python_version < "3.9" or (os_name == "posix" and not_known == "x")', false],
    ['python_version >= "3.9"', true],
    ['python_full_version < "3.11.3"', false],
    ["'linux' in sys_platform", true],
    ["python_version in '3.11 3.12'", true],
    ["platform_machine not in 'x86_64 amd64'", true],
    ['extra == "socks"', false],
    ['python_version ~= "3.10"', true],
    ['python_version == "3.*"', true],
    ["implementation_name == 'cpython' and (sys_platform == 'darwin' or python_version > '3.1')", true],
    ['', true],
  ])('%s: %s', (marker, expected) => expect(holds(marker, arm)).toBe(expected));

  test('with the extras that are requested', () => {
    expect(holds('extra == "Socks"', arm, ['socks'])).toBe(true);
    expect(holds("python_version > '3' and extra == 'x'", arm, ['y', 'x'])).toBe(true);
  });
});

test.each([
  ['3.12', '>=3.8,<4.0', true],
  ['3.12', '>=2.7, !=3.0.*, !=3.1.*', true],
  ['3.12', '^3.9', true],
  ['4.0', '^3.9', false],
  ['0.3.1', '^0.2', false],
  ['3.12', '~3.12', true],
  ['1.5', '~=1.4.2', false],
  ['3.12', '*', true],
])('%s is in %s: %s', (version, specifier, expected) => expect(satisfies(version, specifier)).toBe(expected));

test.each([
  [
    'Flask_Cors[ A ,b]>=1,<2 ; python_version>"3"',
    ['flask-cors', ['a', 'b'], '>=1,<2', undefined, 'python_version>"3"'],
  ],
  ['requests (>=2.0)', ['requests', [], '>=2.0', undefined, undefined]],
  ['lib @ git+https://host/x@v1#subdirectory=a', ['lib', [], '', 'git+https://host/x@v1#subdirectory=a', undefined]],
  ['six==1.17.0 --hash=sha256:aa --hash=sha256:bb', ['six', [], '==1.17.0', undefined, undefined]],
])('%s is read', (text, [name, extras, specifier, url, marker]) => {
  expect(parseRequirement(text as string)).toEqual({ name, extras, specifier, url, marker });
});

test.each(['./lib', '../lib[extra]', 'lib-1.0.whl/', 'git+https://host/x'])('%s has no name', (text) => {
  expect(parseRequirement(text)).toBeUndefined();
});
