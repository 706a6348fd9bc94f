import { get } from 'node:http';
import { until } from '../wait.ts';

export const START_MS = 60_000;

/**
 * Waits until Temporal Web shows the namespace: then server and UI both work. Asked over HTTP, as @temporalio/client
 * takes 200 ms to import. False once the server is `gone`, or after a minute.
 */
export async function isReady(uiPort: number, gone: () => boolean): Promise<boolean> {
  const url = `http://127.0.0.1:${uiPort}/api/v1/namespaces/default`;
  return (await until(async () => (gone() ? false : (await isOk(url)) || undefined), START_MS)) ?? false;
}

function isOk(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}
