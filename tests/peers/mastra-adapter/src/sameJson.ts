/**
 * Whether two texts are the same JSON, big numbers included (R8, R12).
 */

import { isDeepStrictEqual } from 'node:util'

import { parseExactly } from './exactJson.js'

/** Tell whether two JSON texts hold the same value, however they are written. */
export function sameJson(one: string, other: string): boolean {
  return one === other || isDeepStrictEqual(parseExactly(one), parseExactly(other))
}
