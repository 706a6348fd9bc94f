import { fail } from './errors.ts';
import { tolerateClosedPipes } from './pipes.ts';
import { program } from './program.ts';

tolerateClosedPipes();
try {
  await (await program()).parseAsync();
} catch (error) {
  process.exitCode = await fail(error);
  // A command that failed is over, whatever it has left open.
  process.stdout.write('', () => process.exit());
}
