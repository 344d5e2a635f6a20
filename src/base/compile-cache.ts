// Keeps V8's compiled code between runs, where Node can (22.1 and later). On Node 20 it does nothing.
import module from 'node:module';
import { join } from 'node:path';

/**
 * The cache lies within fx's own package, not in the shared temporary folder that is Node's default: whoever can write there can
 * change fx itself, so nobody else can plant code, and an update of the package removes the cache with it. If the package is
 * read-only, Node works without a cache.
 * https://nodejs.org/api/module.html#module-compile-cache: NODE_DISABLE_COMPILE_CACHE=1 turns it off, NODE_COMPILE_CACHE=<folder> moves it.
 */
export function enableCompileCache(packageFolder: string): void {
  // @types/node is that of Node 20
  const { enableCompileCache: enable } = module as { enableCompileCache?: (folder: string) => unknown };
  enable?.(join(packageFolder, '.cache', 'compile'));
}
