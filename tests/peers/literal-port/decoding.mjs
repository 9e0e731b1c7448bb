// How a value that was read from the stream becomes an event: the one place where the port had to be mended.

const decoder = new TextDecoder()

/**
 * Decode as §12.2 and §13.5 are written: everything is text or bytes of JSON.
 *
 * Ledger B1: the values of a language model's stream are objects, so every stream dies at its first event.
 *
 * @param {any} value
 */
export function literally(value) {
  return typeof value === 'string' ? JSON.parse(value) : JSON.parse(decoder.decode(value))
}

/**
 * The mend without which nothing of the two transformers would run: an object is an event as it stands.
 *
 * @param {any} value
 */
export function asObject(value) {
  return typeof value === 'string' || ArrayBuffer.isView(value) ? literally(value) : value
}
