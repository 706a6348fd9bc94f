let closed = false;

/**
 * A reader that has seen enough (`| head`) closes the pipe. That is no error: what comes after is for nobody, and what the
 * command does goes on.
 */
export function tolerateClosedPipes(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** Whether somebody still reads what the command prints. */
export const outputIsRead = () => !closed;
