// The modules of dynalite that dynalite.ts loads; the package has no declarations.

declare module 'dynalite/db/index.js' {
  import type { Item, TableShape } from './item.ts';

  interface Expression {
    readonly expression: unknown;
  }
  interface Functions {
    /** Each returns the error, if there is one. */
    validateKey(key: Item, table: TableShape): Error | undefined | null;
    validateItem(item: Item, table: TableShape): Error | undefined | null;
    checkConditional(data: { readonly _condition?: Expression }, existing: Item | undefined): Error | undefined | null;
    createKey(item: Item, table: TableShape): string;
    getIndexActions(
      indexes: readonly object[],
      before: Item | undefined,
      after: Item | undefined,
      table: TableShape,
    ): { readonly puts: readonly { readonly index: string; readonly key: string; readonly item: Item }[] };
    itemSize(item: Item): number;
    mapPaths(paths: readonly unknown[], item: Item): Item;
  }
  const functions: Functions;
  export = functions;
}

declare module 'dynalite/validations/index.js' {
  const checks: {
    checkTypes(data: object, types: object): Record<string, unknown>;
    checkValidations(data: object, types: object, custom: unknown, store: object): void;
  };
  export = checks;
}

declare module 'dynalite/validations/*.js' {
  const validation: { readonly types: object; readonly custom?: (data: object, store: object) => string | undefined };
  export = validation;
}

declare module 'dynalite/actions/*.js' {
  const action: (
    store: object,
    data: object,
    callback: (error: Error | null, answer?: Record<string, unknown>) => void,
  ) => void;
  export = action;
}
