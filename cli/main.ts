import { fail } from './errors.ts';
import { program } from './program.ts';

try {
  await (await program()).parseAsync();
} catch (error) {
  process.exitCode = fail(error);
}
