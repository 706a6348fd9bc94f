import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** Of docker-compose.yml: what the tests look at. */
export interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  restart?: string;
  user?: string;
  stop_grace_period?: string;
  deploy?: { replicas: string };
}

export const CLONE = fileURLToPath(new URL('../..', import.meta.url));
export const COMPOSE_FILE = `${CLONE}docker-compose.yml`;

/** docker-compose.yml with its variables filled in, as Compose does it; throws for a required one that is not set. */
export function composeFile(env: Record<string, string>): { services: Record<string, ComposeService>; volumes: object } {
  return parse(readFileSync(COMPOSE_FILE, 'utf8'), (_, value) => (typeof value === 'string' ? filled(value, env) : value), { merge: true });
}

/** The variables that docker-compose.yml names. */
export const variables = () => [...new Set([...readFileSync(COMPOSE_FILE, 'utf8').matchAll(VARIABLE)].map(([, name]) => name as string))];

const VARIABLE = /\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

const filled = (text: string, env: Record<string, string>) =>
  text.replace(VARIABLE, (_, name: string, operator: string | undefined, rest = '') => {
    if (env[name]) return env[name];
    if (operator === '-') return rest;
    throw new Error(`${name}: ${rest}`);
  });
