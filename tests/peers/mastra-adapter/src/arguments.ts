/**
 * The arguments of a tool call: what arrived in pieces, and which text is passed on (R8, §13.3, §13.4).
 */

import { isRecord } from './reading.js'

const NO_OBJECT = 'they are no JSON object'

/** What was gathered of a call's arguments; an object where the provider sent objects, which no released one does (E16). */
export type Gathered = string | Record<string, unknown>

/** Arguments as the text of one JSON object, or why there are none. */
export type Arguments = { text: string; fault?: undefined } | { text?: undefined; fault: string }

/** Return what was gathered with one more delta: texts are joined, objects merged, other values told as text (§13.3). */
export function gatheredWith(gathered: Gathered, delta: unknown): Gathered {
  if (delta === undefined || delta === null) return gathered
  if (isRecord(delta)) {
    const merged = typeof gathered === 'string' ? parsedObject(gathered === '' ? '{}' : gathered) : gathered
    return merged === undefined ? `${String(gathered)}${JSON.stringify(delta)}` : { ...merged, ...delta }
  }
  return `${typeof gathered === 'string' ? gathered : JSON.stringify(gathered)}${String(delta)}`
}

/**
 * Return the arguments of a call from its `input` and its deltas.
 *
 * §13.4 prefers the deltas, which some packages lose the first of (ledger E3): `input` is the authority, also as a text
 * that is passed on as it stands, so that big numbers stay exact (E1, E15). Blank input without deltas is `{}` (E2).
 */
export function argumentsOf(input: unknown, gathered: Gathered): Arguments {
  const isBlank = input === undefined || input === null || (typeof input === 'string' && input.trim() === '')
  const ofInput = isBlank ? undefined : objectText(input)
  if (ofInput?.text !== undefined) return ofInput
  const areBlank = typeof gathered === 'string' && gathered.trim() === ''
  if (areBlank) return ofInput ?? { text: '{}' }
  const ofDeltas = objectText(gathered)
  return ofDeltas.text === undefined && ofInput !== undefined ? ofInput : ofDeltas
}

/** Return the object that a text is the JSON of, undefined where it is something else or no JSON. */
export function parsedObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Tell whether a value is written as JSON without a loss: NaN would become null, and a Map an empty object. */
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson)
  if (typeof value !== 'object' || value === null) {
    return value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value)
  }
  const isPlain = Object.prototype.toString.call(value) === '[object Object]'
  return isPlain && Object.values(value).every((member) => member === undefined || isJson(member))
}

function objectText(value: unknown): Arguments {
  try {
    if (typeof value === 'string') return isRecord(JSON.parse(value)) ? { text: value } : { fault: NO_OBJECT }
    if (!isRecord(value) || !isJson(value)) return { fault: NO_OBJECT }
    return { text: JSON.stringify(value) }
  } catch {
    return { fault: 'they are not valid JSON' } // what V8 says quotes the text, which may hold anything
  }
}
