import module from 'node:module';

// `node --import <this file>`: from here on the process loads TypeScript, and finds one copy of flowyml.
// Plain JavaScript, as are the files it loads: they must run before anything can be translated.
const DONE = Symbol.for('flowyml.loader.registered');

if (!globalThis[DONE]) {
  globalThis[DONE] = true;
  if (module.registerHooks) {
    // Node 22.15 and later: in this thread, at 1 ms instead of 40; Node 26 warns of `register`.
    module.registerHooks((await import('./hooks.mjs')).inThread);
  } else {
    module.register('./hooks.mjs', import.meta.url);
  }
  if (module.setSourceMapsSupport) module.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
  else process.setSourceMapsEnabled(true);
}
