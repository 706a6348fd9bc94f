/** The default export is the workflow of every pipeline; a user's own workflow file re-exports it to serve both. */
export { default } from './pipeline.ts';
