/** Writes values one at a time; of those that come while one is being written, only the last. */
export class LatestOf<T> {
  private readonly write: (value: T) => Promise<void>;
  private next: { value: T } | undefined;
  private writing: Promise<void> | undefined;

  constructor(write: (value: T) => Promise<void>) {
    this.write = write;
  }

  take(value: T): void {
    this.next = { value };
    this.writing ??= this.work();
  }

  /** Waits until all that was taken is written, or given up. */
  async written(): Promise<void> {
    await this.writing;
  }

  private async work(): Promise<void> {
    while (this.next) {
      const { value } = this.next;
      this.next = undefined;
      // What cannot be written is worth less than the attempt: the next value may go through.
      await this.write(value).catch(() => {});
    }
    this.writing = undefined;
  }
}
