const A = 65;
const LETTERS = 26;

/**
 * A three-letter airport code as a number below 26³, which fits into 16 bits. Unlike an index into a list of airports
 * it means the same in every batch, process and run.
 * @throws RangeError if it is not three capital letters
 */
export function airportNumber(code: Uint8Array): number {
  let number = 0;
  for (const byte of code) {
    const letter = byte - A;
    if (letter < 0 || letter >= LETTERS) throw new RangeError(`not an airport code: ${new TextDecoder().decode(code)}`);
    number = number * LETTERS + letter;
  }
  if (code.length !== 3) throw new RangeError(`not an airport code: ${new TextDecoder().decode(code)}`);
  return number;
}
