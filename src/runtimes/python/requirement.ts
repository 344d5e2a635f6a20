// What is to be installed: entries in the format of requirements.txt, each with the place that asks for it.
import type { Span } from '../../base/error.ts';
import { normalized } from './markers.ts';

/** A line that pip and uv read: a requirement with its hashes, or an option such as `--index-url`. */
export interface Entry {
  readonly text: string;
  /** Where it is written; undefined if a lock file names it. */
  readonly at: Span | undefined;
  /** The package, normalized; undefined for an option, or a path whose name only a build tells. */
  readonly name: string | undefined;
  /** A local folder or archive, absolute: its content affects the result. */
  readonly local?: string;
}

/** All dependencies of a function. */
export interface Dependencies {
  /** Empty if there are none. */
  readonly entries: readonly Entry[];
  /** Whether a lock file decided all of them, so that nothing else is to be installed. */
  readonly isLocked: boolean;
  /** The file that lists them, absolute; undefined if there is none. */
  readonly from: string | undefined;
  /** All files that affect the result. */
  readonly files: readonly string[];
  /** Local projects and archives, also those that they need themselves, absolute. */
  readonly local: readonly string[];
}

export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  /** Such as `>=1,<2`; '' if any version will do. */
  readonly specifier: string;
  readonly url: string | undefined;
  readonly marker: string | undefined;
}

/** `name[extra]>=1 ; marker` or `name @ url`; undefined for a path or a URL without a name. */
export function parseRequirement(text: string): Requirement | undefined {
  const found =
    /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*(?:@\s*(\S+)|(\(?[<>=!~][^;]*)?)\s*(?:;\s*(.*))?$/.exec(
      text.replace(/\s+--(?:hash|config-settings)[= ].*$/, '').trim(),
    );
  if (found === null) return undefined;
  const [, name = '', extras = '', url, specifier = '', marker] = found;
  return {
    name: normalized(name),
    extras: splitList(extras).map(normalized),
    specifier: specifier.replace(/[()]/g, '').trim(),
    url,
    marker,
  };
}

const splitList = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
