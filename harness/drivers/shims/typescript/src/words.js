/** The words for what JSON cannot say → what they stand for (driver protocol, "source"). */

const NUMBERS = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
])

/**
 * Returns a deep copy in which `{"$number"}`, `{"$undefined"}` and `{"$bytes"}` are the values that they stand for.
 *
 * @param {any} value JSON
 * @returns {any}
 */
export function revived(value) {
  if (Array.isArray(value)) return value.map(revived)
  if (value === null || typeof value !== 'object') return value
  const keys = Object.keys(value)
  if (keys.length === 1) {
    const word = value[keys[0]]
    if (keys[0] === '$undefined' && word === true) return undefined
    if (keys[0] === '$number' && NUMBERS.has(word)) return NUMBERS.get(word)
    if (keys[0] === '$bytes' && typeof word === 'string') return bytes(word)
  }
  /** @type {Record<string, unknown>} */
  const copy = {}
  for (const key of keys) {
    if (key === '__proto__') return Object.fromEntries(keys.map((one) => [one, revived(value[one])])) // a mere member
    copy[key] = revived(value[key])
  }
  return copy
}

/**
 * Returns what a source raises for `{"$throw": {name, message, code?}}`, undefined for any other event.
 *
 * @param {any} event
 * @returns {Error | undefined}
 */
export function thrown(event) {
  const fault = event?.$throw
  if (fault === null || typeof fault !== 'object') return undefined
  const error = new Error(String(fault.message ?? ''))
  Object.defineProperty(error, 'name', { value: String(fault.name ?? 'Error'), configurable: true, writable: true })
  return fault.code === undefined ? error : Object.assign(error, { code: fault.code })
}

/**
 * Returns the bytes of a base64 text, in memory of their own: a stream may take it over.
 *
 * @param {string} base64
 */
export function bytes(base64) {
  return new Uint8Array(Buffer.from(base64, 'base64'))
}
