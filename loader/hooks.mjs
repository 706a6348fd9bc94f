import { redirect, rescue } from './resolution.mjs';
import { translate } from './transform.mjs';

// Node calls `resolve` and `load` from a thread of its own and awaits them (module.register, Node 20); `inThread` is the
// same for module.registerHooks, which awaits nothing.

export async function resolve(specifier, context, next) {
  const first = redirect(specifier, context);
  if (first.url) return first;
  try {
    return first.finish(await next(first.specifier, first.context));
  } catch (error) {
    return first.finish(rescue(error, specifier, context));
  }
}

export async function load(url, context, next) {
  return translate(url, context) ?? next(url, context);
}

export const inThread = {
  resolve(specifier, context, next) {
    const first = redirect(specifier, context);
    if (first.url) return first;
    try {
      return first.finish(next(first.specifier, first.context));
    } catch (error) {
      return first.finish(rescue(error, specifier, context));
    }
  },
  load(url, context, next) {
    return translate(url, context) ?? next(url, context);
  },
};
