import { describe, expect, it } from 'vitest';
import { UsageError } from '../../pipelines/errors.ts';
import { quantityBytes, resourceProblems } from '../../pipelines/resources.ts';

describe('quantities', () => {
  it.each([
    ['0', 0],
    ['1024', 1024],
    [2048, 2048],
    ['1k', 1000],
    ['1M', 1e6],
    ['1.5G', 1.5e9],
    ['2T', 2e12],
    ['1Ki', 1024],
    ['512Mi', 536_870_912],
    ['8Gi', 8_589_934_592],
    ['0.5Gi', 536_870_912],
    ['1Ti', 2 ** 40],
    [' 1Gi ', 2 ** 30],
  ])('%j is %d bytes', (value, bytes) => {
    expect(quantityBytes(value, 'memory')).toBe(bytes);
  });

  it.each(['', '8GB', '8gi', 'lots', '-1Gi', '1 Gi', '1,5Gi', '0x10', -1, Number.NaN, 1e21])('%j is not a size', (value) => {
    const read = () => quantityBytes(value, 'resources.memory');
    expect(read).toThrow(UsageError);
    expect(read).toThrow(`resources.memory: ${JSON.stringify(value)} is not a size; write it like '512Mi' or '8Gi'`);
  });
});

describe('resource descriptions', () => {
  it.each([
    {},
    { cpu: '4', memory: '8Gi', gpu: 'nvidia-l4', gpuCount: 2, diskSize: '100Gi', machineType: 'n1-standard-4' },
    { cpu: 0.5, memory: 1024 },
  ])('%j is fine', (resources) => {
    expect(resourceProblems(resources, 'resources')).toEqual([]);
  });

  it.each<[object, string]>([
    [{ cpu: 0 }, 'r.cpu: 0 is not a number of cores'],
    [{ cpu: '' }, 'r.cpu: "" is not a number of cores'],
    [{ cpu: '-2' }, 'r.cpu: "-2" is not a number of cores'],
    [{ memory: 'much' }, `r.memory: "much" is not a size; write it like '512Mi' or '8Gi'`],
    [{ diskSize: '1 TB' }, `r.diskSize: "1 TB" is not a size; write it like '512Mi' or '8Gi'`],
    [{ gpu_count: 1 }, "r: unknown key 'gpu_count'; did you mean 'gpuCount'?"],
  ])('%j has a problem', (resources, problem) => {
    expect(resourceProblems(resources, 'r')).toEqual([problem]);
  });
});
