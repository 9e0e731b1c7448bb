/**
 * JSON whose numbers keep their digits on the way through JavaScript, as far as the engine can (E15, R29).
 */

/** What an engine of ECMAScript's JSON.parse source text access has; TypeScript 5.9 does not know it yet. */
interface ExactJson {
  rawJSON?: (text: string) => object
  parse(text: string, reviver?: (key: string, value: unknown, context?: { source?: string }) => unknown): unknown
}

const json = JSON as ExactJson
const MAY_BE_INEXACT = /[\d.]{17}|\d[eE]/
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * Return the value of a JSON text; a number that no double holds becomes what `JSON.stringify` writes with its digits.
 *
 * Such a number is an object (`JSON.rawJSON`), so this is for values that are only passed on. Node has it from version
 * 22; before, the nearest double is given. Raises SyntaxError for what is not JSON.
 */
export function parseExactly(text: string): unknown {
  const { rawJSON } = json
  if (rawJSON === undefined || !MAY_BE_INEXACT.test(text)) return json.parse(text)
  return json.parse(text, (_key, value, context) => {
    const source = context?.source
    if (typeof value !== 'number' || source === undefined || isHeld(value, source)) return value
    return rawJSON(source)
  })
}

/** Tell whether a double is written as the same decimal number that it was read from. */
function isHeld(value: number, source: string): boolean {
  return Number.isFinite(value) && decimal(String(value)) === decimal(source)
}

/** Return a number's sign, digits and exponent in one form for all spellings: 1.50e1 and 15 are the same. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? []
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${sign}${significant}e${BigInt(exponent) - BigInt(fraction.length - (digits.length - significant.length))}`
}
