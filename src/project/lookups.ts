// `${env}`, `${params.domain, example.com}` and the like in any text of project.yml. A lookup, not a language: one name,
// and what to take where there is nothing of that name. `$${` is a plain `${`.
import type { Problem } from '../base/error.ts';
import { type Located, type LocatedMap, type Scalar, valueAt } from '../base/located.ts';
import { nearest } from '../base/suggest.ts';

export interface LookupContext {
  readonly environment: string;
  /** The variables of the process, for `${var.NAME}`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

const kinds = ['env', 'name', 'region', 'params.<name>', 'var.<NAME>'];
const deepest = 10;

/** Replaces every lookup below the root, `region`, `name` and `params` being looked up in the root itself. */
export function resolveLookups(
  root: LocatedMap,
  context: LookupContext,
): { readonly value: LocatedMap; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const resolver = new Resolver(root, context, problems);
  return { value: resolver.resolve(root, 0) as LocatedMap, problems };
}

class Resolver {
  readonly #root: LocatedMap;
  readonly #context: LookupContext;
  readonly #problems: Problem[];

  constructor(root: LocatedMap, context: LookupContext, problems: Problem[]) {
    this.#root = root;
    this.#context = context;
    this.#problems = problems;
  }

  resolve(value: Located, depth: number): Located {
    switch (value.kind) {
      case 'scalar':
        return typeof value.value === 'string' ? { ...value, value: this.#text(value.value, value, depth) } : value;
      case 'list':
        return { ...value, items: value.items.map((item) => this.resolve(item, depth)) };
      case 'map':
        return {
          ...value,
          entries: new Map(
            // the text of a Sub is CloudFormation's, and its ${…} with it
            [...value.entries].map(([key, entry]) => [
              key,
              { ...entry, value: key === 'Fn::Sub' ? this.#sub(entry.value, depth) : this.resolve(entry.value, depth) },
            ]),
          ),
        };
    }
  }

  /** Of a Sub in its long form, what its variables stand for is ours again. */
  #sub(value: Located, depth: number): Located {
    if (value.kind !== 'list') return value;
    return { ...value, items: value.items.map((item, index) => (index === 0 ? item : this.resolve(item, depth))) };
  }

  /** A text that is nothing but one lookup takes the type of what is found; `memory: ${params.memory}` stays a number. */
  #text(text: string, at: Located, depth: number): Scalar {
    const whole = /^\$\{([^{}]*)\}$/.exec(text);
    if (whole !== null) return this.#look(whole[1] ?? '', at, depth);
    return text.replace(/\$\$\{|\$\{([^{}]*)\}/g, (found, inner: string | undefined) =>
      inner === undefined ? (found === '$${' ? '${' : found) : String(this.#look(inner, at, depth)),
    );
  }

  #look(inner: string, where: Located, depth: number): Scalar {
    const comma = inner.indexOf(',');
    const name = (comma < 0 ? inner : inner.slice(0, comma)).trim();
    const found = this.#find(name, where, depth);
    if (found !== undefined) return found;
    if (comma >= 0) return readDefault(inner.slice(comma + 1).trim());
    this.#problems.push({ at: where.at, ...this.#notFound(name) });
    return '';
  }

  #find(name: string, where: Located, depth: number): Scalar | undefined {
    if (name === 'env') return this.#context.environment;
    if (name.startsWith('var.')) return this.#context.variables[name.slice('var.'.length)];
    if (name !== 'name' && name !== 'region' && !name.startsWith('params.')) return undefined;
    const found = valueAt(this.#root, name.split('.'));
    if (found?.kind !== 'scalar') return undefined;
    if (depth >= deepest) {
      this.#problems.push({ at: where.at, message: `\${${name}} refers to itself` });
      return '';
    }
    const resolved = this.resolve(found, depth + 1);
    return resolved.kind === 'scalar' ? resolved.value : undefined;
  }

  #notFound(name: string): { message: string; hint: string } {
    if (name.startsWith('params.')) {
      const params = valueAt(this.#root, ['params']);
      const known = params?.kind === 'map' ? [...params.entries.keys()] : [];
      const meant = nearest(name.slice('params.'.length), known);
      const hint =
        meant === undefined
          ? `write it under params, or give a default: \${${name}, value}`
          : `did you mean \${params.${meant}}?`;
      return { message: `\${${name}} is not there`, hint };
    }
    if (name.startsWith('var.')) {
      return {
        message: `\${${name}} is not set in the environment of the process`,
        hint: `export it, or give a default: \${${name}, value}`,
      };
    }
    return {
      message: `\${${name}} is no lookup`,
      hint: `there are ${kinds.join(', ')}; for CloudFormation's own \${…} use !Sub, and write $\${ for a plain \${`,
    };
  }
}

function readDefault(text: string): Scalar {
  // 007, 1.10 and an account number that begins with 0 are text: as numbers they would read otherwise
  if (/^-?\d+(\.\d+)?$/.test(text) && String(Number(text)) === text) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text.replace(/^(['"])(.*)\1$/, '$2');
}
