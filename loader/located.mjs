/** An error that says all in its message: the stack would only show this file. */
export function located(message) {
  const error = new SyntaxError(message);
  error.code = 'FLOWYML_SYNTAX';
  error.stack = `SyntaxError: ${message}`;
  return error;
}
