// Who needs each package of a layout, and whether somebody cannot do without it.
import { packageAt } from './bundled.ts';
import { isOptionalNeed, type Manifest, readPackage } from './installed.ts';

interface Dependent {
  /** Its place; undefined for a module of the bundle. */
  readonly place: string | undefined;
  readonly isOptional: boolean;
}

export class Dependents {
  readonly #of = new Map<string, Dependent[]>();

  /** A module of the bundle imports it. `importer` is absolute. */
  addImport(place: string, name: string, importer: string): void {
    const at = packageAt(importer);
    const manifest = at === undefined ? undefined : readPackage(at.folder)?.manifest;
    this.#add(place, { place: undefined, isOptional: manifest !== undefined && isOptionalNeed(name, manifest) });
  }

  add(place: string, name: string, dependent: { readonly place: string; readonly manifest: Manifest }): void {
    this.#add(place, { place: dependent.place, isOptional: isOptionalNeed(name, dependent.manifest) });
  }

  #add(place: string, dependent: Dependent): void {
    this.#of.set(place, [...(this.#of.get(place) ?? []), dependent]);
  }

  /** Whether it is needed from the bundle by a path without an optional part. */
  isRequired(place: string, seen: Set<string> = new Set()): boolean {
    if (seen.has(place)) return false;
    seen.add(place);
    const dependents = this.#of.get(place) ?? [];
    return dependents.some((one) => !one.isOptional && (one.place === undefined || this.isRequired(one.place, seen)));
  }
}
