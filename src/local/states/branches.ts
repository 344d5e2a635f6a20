// Runs the branches of Parallel states and the iterations of inline Map states.
// https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html and https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
import type { QueryLanguage } from '../../cfn/states-fields.ts';
import type { Flow, Running, runFlow } from './flow.ts';
import type { Scope } from './run.ts';
import { numberField } from './state-data.ts';
import { runtimeError, StateError } from './state-error.ts';

type RunFlow = typeof runFlow;

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
const mostIterations = 40;

export async function runParallel(running: Running, flowRunner: RunFlow): Promise<unknown> {
  const { run, scope, state, data } = running;
  const input = await data.arguments();
  const branches = state['Branches'] as readonly Flow[];
  const started = scope.add('ParallelStateStarted');
  const together = siblings(scope);
  const inner = branches.map((branch) =>
    scope.inner({ signal: together.signal, last: started, language: languageOf(running, branch) }),
  );
  try {
    const results = await Promise.all(
      branches.map(async (branch, index) => {
        const branchScope = inner[index] as Scope;
        const output = await flowRunner(run, branch, input, branchScope);
        scope.last = branchScope.last;
        return output;
      }),
    );
    const { last } = scope;
    scope.add('ParallelStateSucceeded');
    // as on AWS: the exit follows the last branch too
    scope.last = last;
    run.parts.inspect?.('result', results);
    return results;
  } catch (error) {
    if (error instanceof StateError) {
      scope.last = Math.max(...inner.map(({ last }) => last));
      scope.add('ParallelStateFailed');
    }
    throw error;
  } finally {
    together.end();
  }
}

export async function runMap(running: Running, flowRunner: RunFlow): Promise<unknown> {
  const { run, scope, state, data, name } = running;
  const items = await itemsOf(running);
  const limit = (await numberField(data, 'MaxConcurrency')) || mostIterations;
  const processor = (state['ItemProcessor'] ?? state['Iterator']) as Flow;
  const started = scope.add('MapStateStarted', { mapStateStartedEventDetails: { length: items.length } });
  const together = siblings(scope);
  const results: unknown[] = [];
  // the event after which a free place takes its next iteration
  let before = started;
  let nextIndex = 0;
  const place = async () => {
    for (;;) {
      const index = nextIndex++;
      if (index >= items.length) return;
      const item = { Index: index, Value: items[index] };
      const inner = scope.inner({
        signal: together.signal,
        last: before,
        item,
        language: languageOf(running, processor),
      });
      const details = { name, index };
      inner.add('MapIterationStarted', { mapIterationStartedEventDetails: details });
      try {
        results[index] = await flowRunner(run, processor, await selected(running, item), inner);
        before = inner.last;
        scope.last = inner.add('MapIterationSucceeded', { mapIterationSucceededEventDetails: details });
      } catch (error) {
        if (error instanceof StateError) {
          scope.last = inner.last;
          inner.add('MapIterationFailed', { mapIterationFailedEventDetails: details });
        }
        throw error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(limit, mostIterations, items.length) }, place));
    const { last } = scope;
    scope.add('MapStateSucceeded');
    scope.last = last;
    run.parts.inspect?.('result', results);
    return results;
  } catch (error) {
    if (error instanceof StateError) scope.add('MapStateFailed');
    throw error;
  } finally {
    together.end();
  }
}

async function itemsOf({ state, data }: Running): Promise<readonly unknown[]> {
  const isGiven = state['ItemsPath'] !== undefined || state['Items'] !== undefined;
  const items = isGiven ? await data.field('Items') : data.input();
  if (Array.isArray(items)) return items;
  const shown = JSON.stringify(items);
  throw runtimeError(`Reference path "${state['ItemsPath'] ?? '$'}" must point to array, but is ${shown}`);
}

async function selected(running: Running, item: { readonly Index: number; readonly Value: unknown }): Promise<unknown> {
  const { state, data } = running;
  const selector = state['ItemSelector'] ?? state['Parameters'];
  if (selector === undefined) return item.Value;
  return data.fill(selector, 'ItemSelector', item);
}

function languageOf({ state, scope }: Running, flow: Flow): QueryLanguage {
  return flow.QueryLanguage ?? (state['QueryLanguage'] as QueryLanguage | undefined) ?? scope.language;
}

/** A signal that stops all branches when the run is stopped, or when they are at an end. */
function siblings(scope: Scope): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const stop = () => controller.abort();
  scope.signal.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    end() {
      scope.signal.removeEventListener('abort', stop);
      controller.abort();
    },
  };
}
