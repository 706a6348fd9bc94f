import { condition } from '@temporalio/workflow';

// A workflow with thousands of pending activities stalls in Temporal; a hundred at a time are as fast as all at once.
const WINDOW = 100;

/** Holds the number of activities that are pending at once below a bound, whoever schedules them. */
export class Window {
  private pending = 0;

  get free(): number {
    return WINDOW - this.pending;
  }

  /** Runs a task as soon as there is room for it. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    while (this.pending >= WINDOW) await condition(() => this.pending < WINDOW);
    this.pending++;
    try {
      return await task();
    } finally {
      this.pending--;
    }
  }
}
