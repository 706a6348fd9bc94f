import type Docker from 'dockerode';

const LINES = 200;
const SHOWN = 12;

/** Why a container ended; undefined where it did so by itself and all was well, or was asked to. */
export async function endReason(container: Docker.Container): Promise<string | undefined> {
  const { State, HostConfig } = await container.inspect();
  if (State.OOMKilled) {
    const limit = HostConfig.Memory ? ` (${Math.round(HostConfig.Memory / 2 ** 20)} MiB, of which 384 are the worker's)` : '';
    return `its container ran out of memory${limit}: raise the group's resources.memory`;
  }
  if (State.ExitCode === 0) return undefined;
  // Ended by a stop of ours, which waits before it kills.
  if (State.ExitCode === 143) return undefined;
  if (State.Error) return `its container could not be started: ${State.Error}`;
  const how = State.ExitCode > 128 ? `was killed (signal ${State.ExitCode - 128})` : `ended with exit code ${State.ExitCode}`;
  const output = await lastLines(container);
  return `its container ${how}${output ? `: ${output}` : ''}`;
}

async function lastLines(container: Docker.Container): Promise<string> {
  const raw = (await container.logs({ stdout: true, stderr: true, tail: LINES })) as unknown as Buffer;
  const lines = frames(raw).trimEnd().split('\n');
  // What says it, of all the frames around it.
  const first = lines.findIndex((line) => /^\s*(flowyml: |\w*Error\b.*:)/.test(line));
  return (first < 0 ? lines.slice(-SHOWN) : lines.slice(first, first + SHOWN)).join('\n').trim().slice(0, 2000);
}

/** Docker sends output in frames: a kind, three bytes of nothing, a length of four bytes, and the text. */
function frames(raw: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    parts.push(raw.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts).toString('utf8');
}
